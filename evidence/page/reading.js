// Reading the page: the filter, the grouping, keys, the colour scheme.

const articles = [...document.querySelectorAll("article.scenario")].map((article) => [article, Number(article.dataset.place)]);

function applyFilter() {
  const words = filter.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = filter.elements.state.value;
  const letter = data.outcomes.find((outcome) => outcome.word === filter.elements.outcome.value)?.letter;
  data.scenarios.forEach((scenario, place) => {
    scenarioHidden[place] = !(
      words.every((word) => scenario.text.includes(word)) &&
      (!state || scenario.state === state) &&
      (!letter || contexts.outcomes.some((row) => row[place] === letter) || data.findings.some((finding) => finding.scenario === place && finding.letter === letter))
    );
  });
  const left = scenarioHidden.filter((hidden) => !hidden).length;
  for (const [article, place] of articles) article.hidden = scenarioHidden[place];
  for (const item of document.querySelectorAll("nav li")) item.hidden = scenarioHidden[Number(item.dataset.place)];
  for (const section of document.querySelectorAll(".requirement, .capability")) {
    section.hidden = left < articles.length && !section.querySelector("article.scenario:not([hidden])");
  }
  part("shown").textContent = left < articles.length ? `${left} of ${articles.length}` : "";
  part("none").hidden = filterAlerts(words, state, letter) > 0 || left > 0 || !articles.length;
  if (contexts.names.length) showGrouping();
}

function showGrouping() {
  columns = columnsOf(grouping);
  const [first, second] = grouping.map((axis) => data.axes[axis].label);
  const by = second ? `by ${first} and ${second}` : first ? `by ${first}` : "together, as they differ in nothing";
  part("grouped").textContent = `${counted(everyContext.length, "context")} ${by}${whyGrouped()}. A cell shows its worst outcome and in how many contexts.`;
  part("first").value = String(grouping[0] ?? "");
  part("second").value = String(grouping[1] ?? "");
  const shown = data.scenarios.map((_, scenario) => scenario).filter((scenario) => !scenarioHidden[scenario]);
  part("map").replaceChildren(makeMap(shown, columns, grouping, `Worst outcome of each scenario, ${by}`));
  showFirstBad(part("map"));
  for (const [article, place] of articles) if (article.querySelector("details").open) showOwnMap(article, place);
  setStrip(columns);
}

/** What the suggested grouping is good for, where there is something to tell apart. */
function whyGrouped() {
  if (grouping !== suggested || !suggested.length || !admitted.some(isBad)) return "";
  if (separates(columns)) return ": what best separates what fails from what holds";
  return ". By itself this does not separate what fails from what holds";
}

function showOwnMap(article, place) {
  if (!contexts.names.length) return;
  const name = `Contexts of ${data.scenarios[place].name}`;
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name });
  scroll.append(makeMap([place], columns, grouping, name));
  article.querySelector(".own-map")?.replaceChildren(scroll);
  showFirstBad(scroll);
}

/** Where a map is wider than its room, scroll it to the first column that shows something bad. */
function showFirstBad(scroll) {
  const columns = [...scroll.querySelectorAll("td.is-error, td.is-non-compliant, td.is-undetermined")].map((cell) => cell.offsetLeft);
  const first = Math.min(...columns);
  if (columns.length && first > scroll.clientWidth * 0.8) scroll.scrollLeft = first - scroll.querySelector("tbody th").offsetWidth - 8;
}

function step(by) {
  const shown = articles.map(([article]) => article).filter((article) => !article.hidden);
  const at = shown.findIndex((article) => article.contains(document.activeElement));
  const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))];
  if (!next) return;
  next.scrollIntoView({ block: "start" });
  next.querySelector("summary").focus({ preventScroll: true });
  writeAddress({ anchor: next.id });
}

function clearFilter() {
  filter.reset();
  applyFilter();
  writeAddress();
}

const KEYS = {
  "/": () => filter.elements.q.focus(),
  j: () => step(1),
  k: () => step(-1),
  m: () => part("map")?.querySelector('button[tabindex="0"]')?.focus(),
  "?": () => part("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.matches('input:not([type="range"], [type="checkbox"]), select, textarea');
  if (event.key === "Escape") {
    clearFilter();
    if (typing) event.target.blur();
  } else if (!typing && part("keys-on").checked && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

filter.addEventListener("input", () => {
  applyFilter();
  writeAddress();
});
filter.addEventListener("submit", (event) => event.preventDefault());
filter.querySelector('[type="reset"]').addEventListener("click", (event) => {
  event.preventDefault();
  clearFilter();
});

const isDark = () => (document.documentElement.dataset.scheme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const theme = part("theme");
function showScheme() {
  theme.setAttribute("aria-pressed", String(isDark()));
  if (stripSeen) drawStrip();
}
showScheme();
theme.addEventListener("click", () => {
  document.documentElement.dataset.scheme = isDark() ? "light" : "dark";
  showScheme();
});
for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", showScheme);
part("help").addEventListener("click", KEYS["?"]);

for (const [article, place] of articles) {
  article.querySelector("details").addEventListener("toggle", (event) => event.target.open && showOwnMap(article, place));
}
// Without a script the totals are no links, as these would lead nowhere.
for (const total of document.querySelectorAll("[data-filter]")) {
  total.replaceWith(make("a", { href: `#?${total.dataset.filter}` }, ...total.childNodes));
}
// What is scrolled to stands below the head, which sticks and has as many lines as it needs.
const head = document.querySelector(".spec-head");
const measureHead = () => document.documentElement.style.setProperty("--head", `${head.offsetHeight}px`);
new ResizeObserver(measureHead).observe(head);
for (const command of document.querySelectorAll("pre.command")) withCopy(command);

if (contexts.names.length) {
  part("contexts").hidden = false;
  part("unscripted").hidden = true;
  const options = () => axesThatDiffer.map((axis) => make("option", { value: axis }, data.axes[axis].label));
  part("first").append(...options());
  part("second").append(make("option", { value: "" }, "nothing else"), ...options());
  const regroup = (axes) => {
    grouping = axes;
    showGrouping();
    writeAddress();
  };
  const choose = () => regroup([...new Set([part("first").value, part("second").value].filter((value) => value !== "").map(Number))]);
  part("first").addEventListener("change", choose);
  part("second").addEventListener("change", choose);
  part("suggest").addEventListener("click", () => regroup(suggested));
}
part("tools").hidden = false;
filter.hidden = false;
measureHead();
followAddress();
// When it has loaded the page, the browser goes to the address's place by itself, and takes the focus away.
// By then a reader may have gone on: from there nothing calls back.
const arrived = readAddress().anchor;
addEventListener("load", () => requestAnimationFrame(() => arrived === readAddress().anchor && goTo(arrived)));
