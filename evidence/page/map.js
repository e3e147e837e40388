// The heat map: a row for each scenario, a column for each value, or pair of values, of the axes grouped by.

const scenarioHidden = data.scenarios.map(() => false);

/** Make the table of these scenarios; `columns` as columnsOf gives them, `axes` those that they are grouped by. */
function makeMap(scenarios, columns, axes, caption) {
  const wide = columns.length > 8;
  const table = make("table", { class: wide ? "map dense" : "map" }, make("caption", {}, caption));
  table.append(make("thead", {}, ...headOf(columns, axes)));
  const body = make("tbody", {});
  for (const scenario of scenarios) {
    const { name, anchor } = data.scenarios[scenario];
    const row = make("tr", { "data-place": scenario }, make("th", { scope: "row" }, make("a", { href: `#${encodeURIComponent(anchor)}` }, name)));
    for (const column of columns) row.append(cellOf(scenario, column, axes));
    body.append(row);
  }
  table.append(body);
  const first = table.querySelector("td button");
  if (first) first.tabIndex = 0;
  table.addEventListener("keydown", moveInMap);
  return table;
}

function headOf(columns, axes) {
  const corner = (text) => make("td", { class: "corner" }, text);
  const tall = (column) => make("th", { scope: "col", rowspan: String(axes.length), class: "apart" }, make("span", {}, column.labels[0]));
  const last = (column) => make("th", { scope: "col" }, make("span", {}, column.labels.at(-1)));
  if (axes.length < 2) {
    const name = axes.length ? data.axes[axes[0]].label : "";
    return [make("tr", {}, corner(name), ...columns.map((column) => (column.apart ? tall(column) : last(column))))];
  }
  const upper = make("tr", {}, corner(data.axes[axes[0]].label));
  const lower = make("tr", {}, corner(data.axes[axes[1]].label));
  for (let place = 0; place < columns.length; ) {
    const column = columns[place];
    let end = place + 1;
    if (column.apart) upper.append(tall(column));
    else {
      while (end < columns.length && !columns[end].apart && columns[end].labels[0] === column.labels[0]) end += 1;
      upper.append(make("th", { scope: "colgroup", colspan: String(end - place) }, make("span", {}, column.labels[0])));
      columns[place].begins = true;
      lower.append(...columns.slice(place, end).map(last));
    }
    place = end;
  }
  return [upper, lower];
}

function cellOf(scenario, column, axes) {
  const { worst, applied, showing } = tally(scenario, column.indexes);
  const begins = column.begins || column.apart ? " begins" : "";
  if (!worst) return make("td", { class: `blank${begins}` }, make("span", { class: "sr" }, "not judged"));
  const all = showing === applied;
  const said = all ? number(showing) : `${number(showing)}/${number(applied)}`;
  const where = describe(column, axes);
  const told = `${data.scenarios[scenario].name}, ${where}: ${worst.word} in ${all ? "all" : `${showing} of`} ${counted(applied, "context")}`;
  const button = make(
    "button",
    { type: "button", tabindex: "-1", "aria-label": told, title: told, click: () => visitPanel(addressOfCell(scenario, column)) },
    make("span", { class: "symbol" }, worst.symbol),
    make("span", { class: "share" }, said),
  );
  return make("td", { class: `cell is-${worst.word} ${all ? "is-all" : "is-some"}${begins}` }, button);
}

function describe(column, axes) {
  if (column.apart || !axes.length) return column.labels[0];
  return column.labels.map((value, place) => `${data.axes[axes[place]].label} ${value}`).join(", ");
}

/** Move from cell to cell with the arrow keys: the table is one stop of the Tab key. */
function moveInMap(event) {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = steps[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  const rows = [...event.currentTarget.tBodies[0].rows].filter((row) => !row.hidden);
  let [row, column] = [rows.indexOf(cell.parentElement), cell.cellIndex];
  for (;;) {
    [row, column] = [row + step[0], column + step[1]];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const button = next.querySelector("button");
    if (!button) continue;
    event.target.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
    return;
  }
}
