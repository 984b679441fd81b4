"""Style sheet of a report's page, and the script that sorts its tables."""

CSS = """
:root { --ink: #24292f; --soft: #57606a; --rule: #d0d7de; }
:root { --paper: #ffffff; --shade: #f6f8fa; --accent: #0b62c4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9da7b1; --rule: #373e47; }
  :root { --paper: #0f1419; --shade: #182029; --accent: #6cb0ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; padding-bottom: .3rem; }
h2 { border-bottom: 1px solid var(--rule); }
header p { margin: .2rem 0; color: var(--soft); overflow-wrap: anywhere; }
header b { color: var(--ink); font-weight: 600; }
.note, caption, footer { color: var(--soft); font-size: .9rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.2rem 0 0; }
.tiles div { flex: 1 1 10rem; padding: .7rem 1rem; background: var(--shade); }
.tiles div { border: 1px solid var(--rule); border-radius: .5rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.7rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles div:first-child dd { color: var(--accent); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 60%; font-size: .92rem; }
table { font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .4rem; }
th, td { padding: .32rem .8rem .32rem 0; text-align: left; vertical-align: top; }
th, td { border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
th { font-weight: 600; white-space: nowrap; }
tbody tr:hover { background: var(--shade); }
.number { text-align: right; }
th button { all: unset; cursor: pointer; }
th button:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); }
th button:focus-visible, .wide:focus-visible { outline-offset: 2px; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
figure { margin: .6rem 0 0; }
figure svg { display: block; width: 100%; height: auto; }
figure text { font-family: inherit !important; }
footer { margin-top: 2.5rem; }
@media print {
  :root { --ink: #000; --soft: #444; --rule: #bbb; --paper: #fff; --shade: #fff; --accent: #000; }
  main { max-width: none; padding: 0; }
  section, figure, tr { break-inside: avoid; }
  section:has(tbody tr:nth-child(15)) { break-inside: auto; }
  h2 { break-after: avoid; }
  .wide { overflow: visible; }
}
"""

SCRIPT = """
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const number = (text) => (text === "" ? NaN : Number(text.replaceAll(",", "")));
    const compare = (a, b) => {
      // Empty cells are last in both orders.
      if (a === "" || b === "") return (a === "") - (b === "");
      const [x, y] = [number(a), number(b)];
      const order = Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
      return down ? -order : order;
    };
    const text = (row) => row.cells[column].textContent;
    body.append(...[...body.rows].sort((a, b) => compare(text(a), text(b))));
  }));
}
"""
