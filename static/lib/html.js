/** The one place that binds htm to preact and starts signals, so that pages import from here. */
import { h, render, Fragment } from "preact";
import htm from "htm";

export const html = htm.bind(h);
export { render, Fragment };
export { signal, computed, effect, batch } from "@preact/signals";
export { useState, useEffect, useMemo, useRef } from "preact/hooks";
