/** Words in English that only a worker's phone says. The same keys as zh-phone.js. */
export const phone = {
  "nearby.none": "Nothing of your trades within {n} min right now",
  "nearby.none.looking": "New gigs come all the time. When one suits you, your phone rings: no need to watch.",
  "nearby.none.resting": "You are resting. To find work, tap Find work on the first page, and we call you.",
  "nearby.none.engaged": "You are at work. Look again when you have checked out.",
  "nearby.offline": "We do not know where you are, so nothing can be shown. Tap Find work on the first page.",
  "nearby.others": "Other trades are wanted near you: {list}. If you can do one of them, add it: only then is it offered to you.",
  "nearby.others.one": "{trade} ({n} wanted)",
  "nearby.others.and": ", ",
  "nearby.others.add": "Change my trades",
};
