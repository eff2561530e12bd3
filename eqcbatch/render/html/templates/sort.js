(() => {
  "use strict";
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const words = new Intl.Collator(undefined, { numeric: true });

  const sort = (table, column, upwards, numbers) => {
    const body = table.tBodies[0];
    const compare = numbers
      ? (one, other) => value(one, column) - value(other, column)
      : (one, other) => words.compare(value(one, column), value(other, column));
    const rows = [...body.rows].sort((one, other) => (upwards ? compare(one, other) : compare(other, one)));
    body.append(...rows);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      const numbers = head.classList.contains("number") || head.hasAttribute("data-numbers");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const upwards = before ? before === "descending" : !numbers;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
        sort(table, column, upwards, numbers);
      });
    });
  }
})();
