"use strict";
// Sorting, filtering and keys of a refaudit report. The page says all it has to say without this:
// here is only what helps to find one's way in it. Texts of the document are never read as markup.
(() => {
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  document.documentElement.classList.add("js");
  const articles = all("article[id]");

  // --- Sorting: a button in each heading; the first click sorts numbers downwards ---------------
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell ? cell.dataset.v || cell.textContent.trim() : "";
  };
  const compare = (one, other) => {
    const [a, b] = [Number(one), Number(other)];
    return Number.isNaN(a) || Number.isNaN(b) ? one.localeCompare(other, "en", { numeric: true }) : a - b;
  };
  const sort = (table, heading) => {
    const headings = Array.from(heading.parentNode.children);
    const first = heading.classList.contains("number") ? "descending" : "ascending";
    const turned = first === "ascending" ? "descending" : "ascending";
    const order = heading.getAttribute("aria-sort") === first ? turned : first;
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const column = headings.indexOf(heading);
    const sign = order === "ascending" ? 1 : -1;
    const rows = Array.from(table.tBodies[0].rows);
    const keyed = rows.map((row) => [value(row, column), row]);
    keyed.sort((one, other) => sign * compare(one[0], other[0]));
    table.tBodies[0].append(...keyed.map((pair) => pair[1]));
  };
  for (const table of all("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    for (const heading of all("thead th", table)) {
      if (heading.querySelector(".hidden")) continue;
      const button = make("button", { type: "button", class: "sort", title: "Sort" });
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.append(button);
    }
  }

  // --- Filtering: rows, findings and tests that have all the words -------------------------------
  const texts = new Map();
  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const rows = all("table.findings tbody tr");
  const others = all("table.filtered tbody tr");
  const box = document.querySelector(".tools");
  const input = make("input", { type: "search", id: "filter", autocomplete: "off", spellcheck: "false" });
  const said = make("span", { role: "status", class: "quiet" });
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (element) => words.every((word) => text(element).includes(word));
    let shown = 0;
    const hide = new Map();
    for (const article of articles) hide.set("#" + article.id, !fits(article));
    for (const row of rows) {
      const link = row.querySelector("a[href]");
      const target = link && link.getAttribute("href");
      row.hidden = !(fits(row) || (hide.has(target) && !hide.get(target)));
      if (hide.has(target)) hide.set(target, row.hidden);
    }
    for (const article of articles) {
      article.hidden = hide.get("#" + article.id);
      if (!article.hidden) shown += 1;
    }
    for (const group of all(".group")) group.hidden = !all("article", group).some((one) => !one.hidden);
    for (const row of others) row.hidden = !fits(row);
    const tests = others.filter((row) => !row.hidden).length;
    const parts = [];
    if (articles.length) parts.push(shown + " of " + articles.length + " findings");
    if (others.length) parts.push(tests + " of " + others.length + " " + (box.dataset.rows || "tests"));
    said.textContent = words.length ? parts.join(", ") : "";
  };
  if (box && articles.length + others.length > 1) {
    const help = make("button", { type: "button", "aria-keyshortcuts": "?" }, "Keys");
    help.addEventListener("click", () => toggle());
    box.append(make("label", { for: "filter" }, "Filter"), input, said, help);
    box.hidden = false;
    input.addEventListener("input", filter);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      input.value = "";
      filter();
      input.blur();
    });
  }

  // --- A suppression is copied with a button -----------------------------------------------------
  const copy = async (source, button) => {
    let done = true;
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Selected: copy it with Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  };
  for (const source of all(".suppress pre")) {
    const button = make("button", { type: "button", class: "copy" }, "Copy");
    button.addEventListener("click", () => copy(source, button));
    source.before(button);
  }

  // --- What is folded opens when it is gone to, and on paper -------------------------------------
  const reveal = (element) => {
    for (let fold = element && element.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
  };
  const arrive = () => reveal(document.getElementById(decodeURIComponent(location.hash.slice(1))));
  addEventListener("hashchange", arrive);
  if (location.hash) arrive();
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });

  // --- Keys: they can be switched off, since speech input may press them -------------------------
  const switchName = "refaudit-keys";
  const stored = (change) => {
    try {
      if (change !== undefined) localStorage.setItem(switchName, change);
      return localStorage.getItem(switchName);
    } catch {
      return null;
    }
  };
  let keys = stored() !== "off";
  const go = (step) => {
    const open = articles.filter((one) => !one.hidden);
    if (!open.length) return;
    const here = document.activeElement && document.activeElement.closest("article[id]");
    let next = open.indexOf(here) + step;
    if (!open.includes(here)) {
      // From where the reader is: the first that begins below the top of the window.
      const below = open.findIndex((one) => one.getBoundingClientRect().top > 1);
      next = step > 0 ? (below < 0 ? open.length - 1 : below) : (below < 0 ? open.length : below) - 1;
    }
    const target = open[Math.max(0, Math.min(open.length - 1, next))];
    reveal(target.parentElement);
    target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  };
  const entry = (key, what) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what));
  const dialog = make("dialog", { class: "keys", "aria-labelledby": "keys-title" });
  const check = make("input", { type: "checkbox", id: "keys-on" });
  check.checked = keys;
  check.addEventListener("change", () => { keys = check.checked; stored(keys ? "on" : "off"); });
  const close = make("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(
    make("h2", { id: "keys-title" }, "Keys"),
    make("dl", {}, entry("j", "next finding"), entry("k", "previous finding"), entry("/", "filter"),
      entry("?", "these keys"), entry("Esc", "close, or empty the filter")),
    make("p", {}, check, make("label", { for: "keys-on" }, " Keys are on")),
    close,
  );
  document.body.append(dialog);
  const toggle = () => { if (dialog.open) dialog.close(); else dialog.showModal(); };
  const deeds = { j: () => go(1), k: () => go(-1), "/": () => { if (box && !box.hidden) input.focus(); }, "?": toggle };
  addEventListener("keydown", (event) => {
    const writing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
    const deed = deeds[event.key];
    if (!keys || !deed || writing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (dialog.open && deed !== toggle) return;
    event.preventDefault();
    deed();
  });
})();
