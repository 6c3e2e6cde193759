"use strict";
// Show only the photos of one status, or with a text in their names. Without this script all of them are shown.
const form = document.getElementById("filter");
if (form) {
  const groups = [...document.querySelectorAll(".group")].map(section => ({
    section,
    cards: [...section.querySelectorAll(".card")].map(card => ({
      card,
      text: `${card.querySelector("small").title}/${card.querySelector("b").textContent}`.toLowerCase(),
    })),
  }));

  const apply = () => {
    const status = form.elements.status.value;
    const name = form.elements.name.value.trim().toLowerCase();
    let shown = 0;
    for (const { section, cards } of groups) {
      const isWanted = !status || section.dataset.group === status;
      let found = 0;
      for (const { card, text } of isWanted ? cards : []) {
        const isHidden = !text.includes(name);
        if (card.hidden !== isHidden) card.hidden = isHidden;
        if (!isHidden) found += 1;
      }
      section.hidden = found === 0;
      shown += found;
    }
    form.querySelector("output").textContent = status || name ? `${shown.toLocaleString("en")} shown` : "";
  };

  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
}
