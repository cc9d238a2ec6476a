// On top of pages that work without: arrow keys in the matrix, and the sentence of a row while it is typed.

const text = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

for (const table of document.querySelectorAll("table[data-edit]")) {
  const modules = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.module);
  const rows = [...table.querySelectorAll("tr[data-who]")];

  const address = (cell) =>
    `${table.dataset.edit}${cell.parentElement.dataset.who}&module=${modules[cell.cellIndex]}`;
  const target = (cell) => cell.querySelector("a") ?? cell;

  function go(cell) {
    const chosen = target(cell);
    if (chosen === cell) {
      cell.tabIndex = -1;
      const column = text(table.tHead.rows[0].cells[cell.cellIndex]);
      cell.setAttribute("role", "link");
      cell.setAttribute("aria-label", `${text(cell.parentElement.cells[0])}, ${column}: nothing is asked yet`);
    }
    chosen.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  table.closest(".gt-matrix").addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const cell = event.target.closest("td");
    if (event.key === "Enter" && cell && !cell.querySelector("a")) {
      location.assign(address(cell));
    } else if (step && !cell && event.target.classList.contains("gt-matrix")) {
      if (event.key === "ArrowDown" || event.key === "ArrowRight") {
        event.preventDefault();
        go(rows[0].cells[1]);
      }
    } else if (step && cell) {
      event.preventDefault();
      const row = rows[rows.indexOf(cell.parentElement) + step[0]];
      const next = row?.cells[cell.cellIndex + step[1]];
      if (next && next.cellIndex > 0) {
        go(next);
      }
    }
  });

  table.addEventListener("click", (event) => {
    const cell = event.target.closest("tr[data-who] > td");
    if (cell && !event.target.closest("a")) {
      location.assign(address(cell));
    }
  });
}

for (const form of document.querySelectorAll("form[data-sentences]")) {
  let waiting;
  async function say(entry) {
    const query = new URLSearchParams();
    for (const name of ["who", "value", "organisation", "module"]) {
      query.set(name, form.dataset[name]);
    }
    for (const input of entry.querySelectorAll("input, select")) {
      query.set(input.name.replace(/-\d+$/, ""), input.value);
    }
    const answer = await fetch(`${form.dataset.sentences}?${query}`);
    if (answer.ok) {
      const text = await answer.text();
      entry.querySelector("[data-sentence]").textContent = text || "These entries do not make a requirement yet.";
    }
  }

  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => say(event.target.closest("[data-entry]")), 300);
  });
}
