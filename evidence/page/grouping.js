// Contexts grouped by the values of one or two axes, and the axes that best tell the bad ones from the good.

const UNSET = "unset";
const ALL = "every context";
const MOST_COLUMNS = 60;
// A context that must be refused holds values that no other has: a group of its own, not columns among the others'.
const refused = everyContext.filter((index) => contexts.refused[index]);
const admitted = everyContext.filter((index) => !contexts.refused[index]);
const axesThatDiffer = data.axes
  .map((_, axis) => axis)
  .filter((axis) => new Set(admitted.map((index) => contexts.values[index][axis])).size > 1);

const valueOf = (index, axis) => data.axes[axis].values[contexts.values[index][axis]] ?? UNSET;
// An axis's values come in their order, unset behind them.
const placeOf = (index, axis) => (contexts.values[index][axis] + data.axes[axis].values.length + 1) % (data.axes[axis].values.length + 1);

/** The columns of the heat map: their labels, one for each axis, and their contexts. */
function columnsOf(axes) {
  const found = new Map();
  for (const index of admitted) {
    const key = axes.reduce((place, axis) => place * (data.axes[axis].values.length + 1) + placeOf(index, axis), 0);
    if (!found.has(key)) found.set(key, { labels: axes.length ? axes.map((axis) => valueOf(index, axis)) : [ALL], indexes: [] });
    found.get(key).indexes.push(index);
  }
  const columns = [...found.keys()].sort((a, b) => a - b).map((key) => found.get(key));
  return [...fewest(columns), ...rest("must be refused", refused)];
}

/** Fold the columns that show least into one, where there are more than a reader can take in. */
function fewest(columns) {
  if (columns.length <= MOST_COLUMNS) return columns;
  const bad = (column) => column.indexes.filter(isBad).length;
  const kept = new Set([...columns].sort((a, b) => bad(b) - bad(a)).slice(0, MOST_COLUMNS));
  const others = columns.filter((column) => !kept.has(column));
  return [...columns.filter((column) => kept.has(column)), ...rest(`${others.length} others`, others.flatMap((column) => column.indexes))];
}

function rest(label, indexes) {
  return indexes.length ? [{ labels: [label], indexes, apart: true }] : [];
}

/**
 * The axis, or pair of axes, by which the bad contexts of each scenario are best told from the good.
 *
 * A grouping is as good as the bits are few that it takes to say which of its columns are good, which bad, and of the
 * mixed ones which contexts are bad. So a second axis that adds nothing, and one that only cuts the contexts small,
 * lose against one that explains.
 */
function bestGrouping() {
  const failing = data.scenarios.map((_, scenario) => badnessOf(scenario)).filter(({ bad }) => bad.includes(1));
  const rated = (axes) => ({ axes, bits: bitsOf(axes, failing) });
  const singles = axesThatDiffer.map((axis) => rated([axis]));
  const promising = [...singles].sort((a, b) => a.bits - b.bits).slice(0, MOST_PAIRED).map(({ axes }) => axes[0]).sort((a, b) => a - b);
  const pairs = promising.flatMap((first, place) => promising.slice(place + 1).map((second) => rated([first, second])));
  let best = { axes: axesThatDiffer.slice(0, 1), bits: Infinity };
  for (const one of [...singles, ...pairs]) if (one.bits < best.bits - 1e-9) best = one;
  return best.axes;
}

/** The contexts that a scenario was judged in, and which are bad. Where it does not apply it is not violated either. */
function badnessOf(scenario) {
  const indexes = Uint32Array.from(admitted.filter((index) => contexts.outcomes[index][scenario] !== NOT_JUDGED));
  return { indexes, bad: Uint8Array.from(indexes, (index) => BAD.has(contexts.outcomes[index][scenario])) };
}

/** Whether most failures of some scenario are in columns where nothing holds, and another column has none of them. */
function separates(columns) {
  const among = columns.filter((column) => !column.apart);
  return data.scenarios.some((_, scenario) => {
    const counts = among.map((column) => tally(scenario, column.indexes).counts);
    const failures = ({ e = 0, x = 0, u = 0 }) => e + x + u;
    const sum = (some) => some.reduce((total, one) => total + failures(one), 0);
    const most = sum(counts.filter((one) => !one.c)) > sum(counts) / 2;
    return most && counts.some((one) => !failures(one) && (one.c || one.n));
  });
}

const MOST_PAIRED = 16;
const MOST_CELLS = 4096;
const logFactorial = new Float64Array(everyContext.length + 1);
for (let n = 1; n < logFactorial.length; n += 1) logFactorial[n] = logFactorial[n - 1] + Math.log2(n);
/** The bits that it takes to say which are which, of things of which there are so many of each kind. */
const arrangement = (...counts) =>
  logFactorial[counts.reduce((sum, count) => sum + count)] - counts.reduce((sum, count) => sum + logFactorial[count], 0);

function bitsOf(axes, failing) {
  const sizes = axes.map((axis) => data.axes[axis].values.length + 1);
  const cells = sizes.reduce((product, size) => product * size, 1);
  if (cells > MOST_CELLS) return Infinity;
  const column = new Uint16Array(everyContext.length);
  for (const index of admitted) column[index] = axes.reduce((place, axis, i) => place * sizes[i] + placeOf(index, axis), 0);
  let bits = 0;
  for (const { indexes, bad: wrong } of failing) {
    const good = new Uint32Array(cells);
    const bad = new Uint32Array(cells);
    for (let place = 0; place < indexes.length; place += 1) (wrong[place] ? bad : good)[column[indexes[place]]] += 1;
    const kinds = [0, 0, 0];
    for (let cell = 0; cell < cells; cell += 1) {
      if (good[cell] && bad[cell]) bits += arrangement(good[cell], bad[cell]) + Math.log2(good[cell] + bad[cell] + 1);
      if (good[cell] || bad[cell]) kinds[good[cell] ? (bad[cell] ? 1 : 0) : 2] += 1;
    }
    const columns = kinds[0] + kinds[1] + kinds[2];
    bits += arrangement(...kinds) + Math.log2(((columns + 1) * (columns + 2)) / 2);
  }
  return bits;
}
