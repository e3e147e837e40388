// The panel at the side: the contexts and findings behind a cell, and one context in full.

const panel = part("panel");
const AT_A_TIME = 100;

/** Show this in the panel; `cell` is the address of the cell to go back to, if it was opened from one. */
function openPanel(title, content, cell) {
  const returning = cell.length ? [make("button", { type: "button", class: "back", click: () => visitPanel(cell) }, "Back")] : [];
  panel.querySelector("h2").replaceChildren(title);
  part("panel-body").replaceChildren(...returning, ...content);
  if (!panel.open) panel.showModal();
  panel.scrollTop = 0;
  panel.querySelector("h2").focus();
}

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector('[data-part="close"]').addEventListener("click", () => dialog.close());
  // The backdrop is the dialog itself; what is within it is not.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

/** A link to a place in the document; what is between backticks is code. */
function linkTo(anchor, text) {
  const pieces = text.split(/`([^`]+)`/).map((piece, place) => (place % 2 ? make("code", {}, piece) : piece));
  return make("a", { href: `#${encodeURIComponent(anchor)}` }, ...pieces);
}

function openCell(scenario, column) {
  const { counts } = tally(scenario, column.indexes);
  const shown = data.outcomes.filter((outcome) => counts[outcome.letter]);
  const cell = addressOfCell(scenario, column);
  const parts = shown.map((outcome) => {
    const indexes = column.indexes.filter((index) => contexts.outcomes[index][scenario] === outcome.letter);
    return make("section", {}, make("h3", {}, badge(outcome), ` in ${counted(indexes.length, "context")}`), contextList(indexes, cell));
  });
  const heading = make("p", { class: "label" }, describe(column, grouping));
  const { name, anchor } = data.scenarios[scenario];
  openPanel(linkTo(anchor, name), [heading, ...findingsIn(scenario, column.indexes), ...parts], []);
}

/** The scenario's findings that some of these contexts show, those first that most of them do. */
function findingsIn(scenario, indexes) {
  const here = new Set(indexes);
  const found = data.findings
    .map((finding, place) => ({ ...finding, place, seen: finding.contexts.filter((index) => here.has(index)).length }))
    .filter((finding) => finding.scenario === scenario && finding.seen)
    .sort((a, b) => b.seen - a.seen);
  return found.map(({ letter, message, command, place, seen }) =>
    make(
      "article",
      { class: `finding is-${outcomes.get(letter).word}` },
      make("p", {}, badge(outcomes.get(letter)), " ", linkTo(`ui:finding-${place}`, message)),
      make("p", { class: "label" }, `in ${number(seen)} of ${counted(indexes.length, "context")}`),
      ...(command ? [withCopy(make("pre", { class: "command", tabindex: "0" }, make("code", {}, command)))] : []),
    ),
  );
}

/** A list of contexts to open, so many at a time; `cell` is the address of the cell that they are behind. */
function contextList(indexes, cell) {
  const list = make("ul", { class: "context-list" });
  const more = make("button", { type: "button", click: () => show() });
  const open = (index) => () => visitPanel([...cell, ["context", contexts.names[index]]]);
  function show() {
    const from = list.children.length;
    const next = indexes.slice(from, from + AT_A_TIME);
    list.append(...next.map((index) => make("li", {}, make("button", { type: "button", click: open(index) }, contexts.names[index]))));
    const left = indexes.length - list.children.length;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, AT_A_TIME)} of ${number(left)} more`;
  }
  show();
  return make("div", {}, list, more);
}

function openContext(index, cell) {
  const settings = data.axes
    .map((axis, place) => [axis.key, data.axes[place].values[contexts.values[index][place]]])
    .filter(([, value]) => value !== undefined);
  const facts = [
    ...settings,
    ...(contexts.refused[index] ? [["must be refused for", contexts.refused[index]]] : []),
    ...(contexts.templates[index] ? [["template", contexts.templates[index]]] : []),
  ];
  const list = make("dl", { class: "facts" });
  for (const [key, value] of facts) list.append(make("div", {}, make("dt", {}, key), make("dd", {}, make("code", {}, value))));
  const parts = data.outcomes.map((outcome) => {
    const found = data.scenarios.filter((_, scenario) => contexts.outcomes[index][scenario] === outcome.letter);
    if (!found.length) return "";
    const items = found.map(({ anchor, name }) => make("li", {}, linkTo(anchor, name)));
    return make("section", {}, make("h3", {}, badge(outcome), ` ${counted(found.length, "scenario")}`), make("ul", { class: "context-list" }, ...items));
  });
  openPanel(contexts.names[index], [list, ...parts, ...alertsIn(index)], cell);
}

/** Put a button that copies a command beside it; where the clipboard is closed, the command is selected instead. */
function withCopy(command) {
  const button = make("button", { type: "button", class: "copy" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(command);
      button.textContent = "Selected";
    }
  });
  const holder = make("div", { class: "copied" });
  command.replaceWith(holder);
  holder.append(command, button);
  return holder;
}
