/** Words of what comes after the hall: they need not be there when the screen is first drawn. */
import { addWords } from "../lib/i18n.js";
import { kiosk } from "../lib/zh-kiosk.js";

await addWords(kiosk, async () => (await import("../lib/en-kiosk.js")).kiosk);
