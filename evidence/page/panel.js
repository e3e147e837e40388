// The panel at the side: the contexts and findings behind a cell, and one context in full.

const panel = part("panel");
const AT_A_TIME = 100;

/** Show this in the panel; `back`, where there is one, shows what was there before. */
function openPanel(title, content, back) {
  const returning = back ? [make("button", { type: "button", class: "back", click: back }, "Back")] : [];
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

/** A link to a place in the document, which closes the panel on its way; what is between backticks is code. */
function linkTo(anchor, text) {
  const pieces = text.split(/`([^`]+)`/).map((piece, place) => (place % 2 ? make("code", {}, piece) : piece));
  return make("a", { href: `#${encodeURIComponent(anchor)}`, click: () => panel.close() }, ...pieces);
}

function openCell(scenario, column, described) {
  const { counts } = tally(scenario, column.indexes);
  const shown = data.outcomes.filter((outcome) => counts[outcome.letter]);
  const again = () => openCell(scenario, column, described);
  const parts = shown.map((outcome) => {
    const indexes = column.indexes.filter((index) => contexts.outcomes[index][scenario] === outcome.letter);
    return make("section", {}, make("h3", {}, badge(outcome), ` in ${counted(indexes.length, "context")}`), contextList(indexes, again));
  });
  const heading = make("p", { class: "label" }, described);
  const { name, anchor } = data.scenarios[scenario];
  openPanel(linkTo(anchor, name), [heading, ...findingsOf(scenario, column.indexes), ...parts]);
}

/** The scenario's findings, those seen in one of these contexts first. */
function findingsOf(scenario, indexes) {
  const here = new Set(indexes);
  if (!indexes.some((index) => BAD.has(contexts.outcomes[index][scenario]))) return [];
  const found = data.findings
    .map((finding, place) => ({ ...finding, place }))
    .filter((finding) => finding.scenario === scenario)
    .sort((a, b) => here.has(b.context) - here.has(a.context));
  return found.map(({ letter, message, command, place }) =>
    make(
      "article",
      { class: `finding is-${outcomes.get(letter).word}` },
      make("p", {}, badge(outcomes.get(letter)), " ", linkTo(`finding-${place}`, message)),
      ...(command ? [withCopy(make("pre", { class: "command", tabindex: "0" }, make("code", {}, command)))] : []),
    ),
  );
}

/** A list of contexts to open, so many at a time. */
function contextList(indexes, back) {
  const list = make("ul", { class: "context-list" });
  const more = make("button", { type: "button", click: () => show() });
  function show() {
    const from = list.children.length;
    const next = indexes.slice(from, from + AT_A_TIME);
    list.append(...next.map((index) => make("li", {}, make("button", { type: "button", click: () => openContext(index, back) }, contexts.names[index]))));
    const left = indexes.length - list.children.length;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, AT_A_TIME)} of ${number(left)} more`;
  }
  show();
  return make("div", {}, list, more);
}

function openContext(index, back) {
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
  openPanel(contexts.names[index], [list, ...parts], back);
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
