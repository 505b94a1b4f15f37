// Colluding recommenders: twenty analysts rate twelve owners; some of them praise a bad owner and slander a good one. What
// is thought of the two, by the share of all good events and by the reputation of the market.
import { createRandom } from "@sheaf/base";
import { reputationsOf } from "@sheaf/federated";

const [raters, owners, events] = [20, 12, 10];
const [bad, good] = ["owner-0", "owner-1"];

/** Ten events with every owner, told by every rater; the colluders tell of a hundred that never were. */
function ratings(colluders) {
  const random = createRandom("recommenders");
  return Array.from({ length: raters * owners }, (_, i) => {
    const rater = Math.floor(i / owners);
    const subject = `owner-${i % owners}`;
    const share = (i % owners) % 2 === 1 ? 0.9 : 0.15;
    const seen = Array.from({ length: events }, () => random.chance(share)).filter(Boolean).length;
    const lies = rater < colluders && (subject === bad || subject === good);
    const [positive, negative] = !lies ? [seen, events - seen] : subject === bad ? [100, 0] : [0, 100];
    return { job: 1n, rater: `rater-${rater}`, subject, positive, negative, uncertain: 0, age: 0 };
  });
}

/** Good events over all that were told: what a market without regard for who tells would believe. */
function average(rows, owner) {
  const own = rows.filter(({ subject }) => subject === owner);
  const sum = (kind) => own.reduce((total, row) => total + row[kind], 0);
  return sum("positive") / (sum("positive") + sum("negative"));
}

console.log("colluders   bad owner: average  reputation   good owner: average  reputation");
for (const colluders of [0, 2, 4, 6, 8, 9, 10, 12]) {
  const rows = ratings(colluders);
  const reputation = reputationsOf(rows);
  const figures = [bad, good].flatMap((owner) => [average(rows, owner), reputation.get(owner).trust]);
  const [a, b, c, d] = figures.map((figure) => figure.toFixed(2));
  console.log(
    `${String(colluders).padStart(5)} of ${raters} ${a.padStart(20)} ${b.padStart(11)} ${c.padStart(21)} ${d.padStart(11)}`,
  );
}
console.log(
  "Colluders below one half move the reputation little; from there on they are the majority, and are believed.",
);
