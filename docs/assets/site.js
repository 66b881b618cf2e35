// Adds what the theme lacks for readers who use a keyboard or a screen reader, also to elements that it adds later.
function complete() {
  const labels = new Set();
  for (const nav of document.querySelectorAll("nav")) {
    const label = nav.getAttribute("aria-label") || (nav.matches(".md-code__nav") ? "Code block" : "Navigation");
    let unique = label;
    for (let i = 2; labels.has(unique.toLowerCase()); i++) unique = `${label} ${i}`;
    labels.add(unique.toLowerCase());
    if (nav.getAttribute("aria-label") !== unique) nav.setAttribute("aria-label", unique);
  }
  for (const element of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) element.tabIndex = 0;
  for (const input of document.querySelectorAll("input[aria-hidden=true]")) input.tabIndex = -1;
}
new MutationObserver(complete).observe(document.body, { childList: true, subtree: true });
complete();
