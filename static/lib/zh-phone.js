/** Words in Chinese that only a worker's phone says. The same keys as en-phone.js. */
export const phone = {
  "nearby.none": "{n} 分钟路程内暂时没有您会做的活",
  "nearby.none.looking": "雇主随时会发新的，一有合适的就响铃叫您，不用守着。",
  "nearby.none.resting": "您在休息。想找活，到“找活”页按“我要找活”，一有合适的就叫您。",
  "nearby.none.engaged": "您正在干活。干完签退，再来看。",
  "nearby.offline": "还不知道您在哪儿，看不了附近的活。到“找活”页按“我要找活”就能看。",
  "nearby.others": "附近还有别的活在招：{list}。您会做的话，把这个工种加上，才会派给您。",
  "nearby.others.one": "{trade}（要 {n} 人）",
  "nearby.others.and": "、",
  "nearby.others.add": "改我会做的活",
};
