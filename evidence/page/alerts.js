// What other scanners have found: the filter of it, and the contexts in which it shows.

const alertArticles = [...document.querySelectorAll("article.alert")];
const places = data.places.map((list) => new Set(list));

/** Show the alerts that have these words and this outcome, if any is asked for; they have no state. Tell how many. */
function filterAlerts(words, state, letter) {
  alertArticles.forEach((article, place) => {
    const alert = data.alerts[place];
    article.hidden = Boolean(state) || (letter && alert.letter !== letter) || !words.every((word) => alert.text.includes(word));
  });
  const left = alertArticles.filter((article) => !article.hidden).length;
  if (alertArticles.length) {
    part("alerts").hidden = left === 0;
    part("alerts-shown").textContent = left < alertArticles.length ? `${left} of ${alertArticles.length}` : "";
  }
  return left;
}

/** The alerts that a context shows, those that no waiver covers there first. */
function alertsIn(index) {
  const found = data.alerts
    .map((alert, place) => ({ ...alert, place, letter: places[alert.waived].has(index) ? "w" : "x" }))
    .filter((alert) => places[alert.contexts].has(index));
  if (!found.length) return [];
  const items = ["x", "w"].flatMap((letter) => found.filter((alert) => alert.letter === letter)).map(({ letter, name, place }) =>
    make("li", {}, make("p", {}, badge(outcomes.get(letter)), " ", make("a", { href: `#${encodeURIComponent(`ui:alert-${place}`)}` }, name))),
  );
  return [make("section", {}, make("h3", {}, "Found by other scanners"), make("ul", { class: "context-list" }, ...items))];
}

function showAlertContexts(article, place) {
  const { contexts: shown, waived } = data.alerts[place];
  const parts = [
    ["x", data.places[shown].filter((index) => !places[waived].has(index))],
    ["w", data.places[waived]],
  ]
    .filter(([, indexes]) => indexes.length)
    .map(([letter, indexes]) => make("section", {}, make("h4", {}, badge(outcomes.get(letter)), ` in ${counted(indexes.length, "context")}`), contextList(indexes, [])));
  article.querySelector(".alert-contexts").replaceChildren(...parts);
}

alertArticles.forEach((article, place) => {
  article.querySelector("details").addEventListener("toggle", (event) => event.target.open && showAlertContexts(article, place));
});
