// The data, and the few things that every part below needs. Whatever the data holds becomes text, never markup.

const data = JSON.parse(document.querySelector('script[type="application/json"]').textContent);
const contexts = data.contexts;
const everyContext = contexts.names.map((_, index) => index);
const outcomes = new Map(data.outcomes.map((outcome, rank) => [outcome.letter, { ...outcome, rank }]));
const NOT_JUDGED = ".";

const part = (name) => document.querySelector(`[data-part="${name}"]`);
const number = (value) => value.toLocaleString("en");
const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Make an element with these attributes, listeners (functions) and children; strings become text. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function badge(outcome) {
  const symbol = make("span", { class: "symbol", "aria-hidden": "true" }, outcome.symbol);
  return make("span", { class: `badge is-${outcome.word}` }, symbol, ` ${outcome.word}`);
}

/** The outcomes of one scenario in these contexts: how many of each, and the worst. */
function tally(scenario, indexes) {
  const counts = {};
  for (const index of indexes) {
    const letter = contexts.outcomes[index][scenario];
    counts[letter] = (counts[letter] ?? 0) + 1;
  }
  const worst = data.outcomes.find((outcome) => counts[outcome.letter]);
  const judged = indexes.length - (counts[NOT_JUDGED] ?? 0);
  // Where the scenario does not apply it neither holds nor fails: the share is of the contexts where it applies.
  const applied = worst?.letter === "n" ? judged : judged - (counts.n ?? 0);
  return { counts, worst, applied, showing: worst ? counts[worst.letter] : 0 };
}

/** The worst outcome that any scenario comes to in each context, by its rank: 0 is the worst of all. */
const worstRanks = contexts.outcomes.map((letters) => {
  const worst = data.outcomes.findIndex(({ letter }) => letters.includes(letter));
  return worst < 0 ? outcomes.size : worst;
});
const BAD = new Set(["e", "x", "u"]);
const isBad = (index) => worstRanks[index] <= outcomes.get("u").rank;
