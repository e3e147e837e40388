// Every context in full resolution: a column for each on a canvas, and a slider that reads them out.

const strip = part("strip");
const stripReading = document.querySelector(".strip-reading");
const ROW = 14;
let stripOrder = everyContext;
let stripSeen = false;
let stripWidth = 1;
let stripPlaced = false;

if (strip) {
  const canvas = strip.querySelector("canvas");
  const slider = stripReading.querySelector("input");
  slider.max = String(everyContext.length - 1);
  slider.addEventListener("input", readStrip);
  stripReading.querySelector("button").addEventListener("click", () => visitPanel([["context", contexts.names[stripOrder[slider.valueAsNumber]]]]));
  canvas.addEventListener("click", (event) => {
    const place = Math.floor((event.offsetX / canvas.clientWidth) * stripOrder.length);
    slider.value = String(place);
    readStrip();
  });
  new IntersectionObserver((entries) => {
    stripSeen = entries.at(-1).isIntersecting;
    if (stripSeen) drawStrip();
  }).observe(strip);
  new ResizeObserver(() => stripSeen && drawStrip()).observe(strip);
}

/** Show the contexts in the order of these columns; those of the scenarios that the filter leaves. */
function setStrip(columns) {
  stripOrder = columns.flatMap((column) => [...column.indexes].sort((a, b) => worstRanks[a] - worstRanks[b]));
  const shown = data.scenarios.filter((_, scenario) => !scenarioHidden[scenario]);
  strip.querySelector("ol").replaceChildren(...shown.map(({ name }) => make("li", {}, name)));
  const worst = Math.min(...stripOrder.map((index) => worstRanks[index]));
  stripReading.querySelector("input").value = String(stripOrder.findIndex((index) => worstRanks[index] === worst));
  stripPlaced = false;
  if (stripSeen) drawStrip();
  readStrip();
}

function drawStrip() {
  const canvas = strip.querySelector("canvas");
  const room = strip.querySelector(".strip-scroll").clientWidth;
  const shown = data.scenarios.map((_, scenario) => scenario).filter((scenario) => !scenarioHidden[scenario]);
  // As wide as there is room for, and no narrower than can be seen: then it scrolls.
  const width = Math.max(1, Math.min(12, room / stripOrder.length));
  stripWidth = width;
  const scale = Math.min(2, devicePixelRatio);
  canvas.width = Math.round(stripOrder.length * width * scale);
  canvas.height = shown.length * ROW * scale;
  canvas.style.width = `${stripOrder.length * width}px`;
  canvas.style.height = `${shown.length * ROW}px`;
  const pen = canvas.getContext("2d");
  const colours = coloursOfStrip();
  shown.forEach((scenario, row) => {
    // Neighbours of one colour are one stroke.
    for (let from = 0, to; from < stripOrder.length; from = to) {
      const letter = contexts.outcomes[stripOrder[from]][scenario];
      for (to = from + 1; to < stripOrder.length && contexts.outcomes[stripOrder[to]][scenario] === letter; ) to += 1;
      if (!colours[letter]) continue;
      pen.fillStyle = colours[letter];
      const [left, right] = [from, to].map((place) => Math.round(place * width * scale));
      pen.fillRect(left, row * ROW * scale, right - left, (ROW - 1) * scale);
    }
  });
  placeCursor();
  if (stripPlaced) return;
  // What is worst stands first in its group: it is to be seen with what follows, not at the edge.
  const scroll = strip.querySelector(".strip-scroll");
  scroll.scrollLeft = stripReading.querySelector("input").valueAsNumber * width - scroll.clientWidth / 3;
  stripPlaced = true;
}

function placeCursor() {
  const left = stripReading.querySelector("input").valueAsNumber * stripWidth;
  const scroll = strip.querySelector(".strip-scroll");
  strip.querySelector(".strip-cursor").style.left = `${left}px`;
  if (left < scroll.scrollLeft || left > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = left - scroll.clientWidth / 2;
}

/** The colours as the style sheet has them in the scheme that is shown. */
function coloursOfStrip() {
  const probe = make("span", { class: "probe" });
  strip.append(probe);
  const colours = {};
  for (const { letter, word } of data.outcomes) {
    probe.className = `probe is-${word}`;
    colours[letter] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

function readStrip() {
  const slider = stripReading.querySelector("input");
  const index = stripOrder[slider.valueAsNumber];
  const found = data.outcomes.slice(0, outcomes.get("c").rank).flatMap((outcome) => {
    const count = [...contexts.outcomes[index]].filter((letter) => letter === outcome.letter).length;
    return count ? [`${outcome.symbol} ${count} ${outcome.word}`] : [];
  });
  const said = `${contexts.names[index]}: ${found.join(", ") || "nothing speaks against it"}`;
  stripReading.querySelector("output").textContent = said;
  slider.setAttribute("aria-valuetext", said);
  placeCursor();
}
