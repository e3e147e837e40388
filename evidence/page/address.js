// The address: the place, the filter, the grouping and what the panel shows, so that a link leads to it and Back goes back.

const filter = part("filter");
const VIEW = ["q", "state", "outcome", "by"];
const suggested = contexts.names.length ? bestGrouping() : [];
let grouping = suggested;
let columns = [];
let followed = { anchor: "", view: null };

/** What the address says: a place in the document, and behind a question mark all else. */
function readAddress() {
  const [anchor, query = ""] = location.hash.slice(1).split("?");
  return { anchor: decoded(anchor), parameters: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Write the filter and the grouping as they are, with what the panel shows; `visit` if Back is to undo it. */
function writeAddress({ anchor = readAddress().anchor, shown = [], visit = false, state = null } = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(filter)) if (value) parameters.append(name, value);
  if (String(grouping) !== String(suggested)) for (const axis of grouping) parameters.append("by", data.axes[axis].key);
  followed = { anchor, view: String(parameters) };
  for (const [name, value] of shown) parameters.append(name, value);
  const address = `#${encodeURIComponent(anchor)}${parameters.size ? `?${parameters}` : ""}`;
  // What a closed panel leaves behind is where the one before began: no second step back.
  if (visit && !history.state?.closed) history.pushState(state, "", address);
  else history.replaceState(state, "", address);
}

function followAddress() {
  const { anchor, parameters } = readAddress();
  const view = String(new URLSearchParams(VIEW.flatMap((name) => parameters.getAll(name).map((value) => [name, value]))));
  const before = followed;
  followed = { anchor, view };
  if (view !== before.view) {
    setFilter(parameters);
    const axes = parameters.getAll("by").map((key) => data.axes.findIndex((axis) => axis.key === key));
    const known = axes.filter((axis) => axesThatDiffer.includes(axis));
    grouping = known.length ? known.slice(0, 2) : suggested;
    applyFilter();
  }
  followPanel(parameters);
  if (anchor && anchor !== before.anchor) {
    if (uncover(anchor)) writeAddress();
    goTo(anchor);
  } else if (view && view !== before.view && !anchor && !panel.open && !parameters.has("by")) filter.scrollIntoView();
}

function setFilter(parameters) {
  for (const name of ["q", "state", "outcome"]) filter.elements[name].value = parameters.get(name) ?? "";
}

/** Go to a place of the document, and leave the filter and the grouping as they are unless they hide it. */
function navigate(anchor) {
  panel.close();
  uncover(anchor);
  writeAddress({ anchor, visit: true });
  goTo(anchor);
}

/** Clear the filter if it hides a place; tell whether it did. */
function uncover(anchor) {
  const hides = Boolean(document.getElementById(anchor)?.closest("main [hidden]"));
  if (hides) {
    filter.reset();
    applyFilter();
  }
  return hides;
}

/** Show a place of the document, whatever of it is closed. */
function goTo(anchor) {
  const place = document.getElementById(anchor);
  if (!place) return;
  const article = place.closest("article.scenario, article.alert");
  if (article) article.querySelector("details").open = true;
  place.scrollIntoView();
  (article === place ? article.querySelector("summary") : place).focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const [anchor, query] = link.getAttribute("href").slice(1).split("?");
  if (query === undefined) navigate(decoded(anchor));
  else {
    setFilter(new URLSearchParams(query));
    applyFilter();
    writeAddress({ anchor: "", visit: true });
    filter.scrollIntoView();
  }
});

/** Show this in the panel and say so in the address: a cell's parameters, a context's, or both. */
function visitPanel(shown) {
  writeAddress({ shown, visit: true });
  followPanel(new URLSearchParams(shown));
}

function followPanel(parameters) {
  const labels = JSON.stringify(parameters.getAll("in"));
  const scenario = data.scenarios.findIndex(({ anchor }) => anchor === parameters.get("cell"));
  const column = columns.find((one) => JSON.stringify(one.labels) === labels);
  const context = contexts.names.indexOf(parameters.get("context"));
  const cell = scenario >= 0 && column ? addressOfCell(scenario, column) : [];
  if (context >= 0) openContext(context, cell);
  else if (cell.length) openCell(scenario, column);
  else panel.close();
}

function addressOfCell(scenario, column) {
  return [["cell", data.scenarios[scenario].anchor], ...column.labels.map((label) => ["in", label])];
}

panel.addEventListener("close", () => {
  const { parameters } = readAddress();
  // Closed by Back, or by a link, the address says nothing of it any more.
  if (parameters.has("cell") || parameters.has("context")) writeAddress({ state: { closed: true } });
});
addEventListener("hashchange", followAddress);
