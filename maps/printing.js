// The page on paper: A3 landscape, the map as it is seen, the legend and the key figures kept beside it.
function printing(map, kit) {
  "use strict";
  const { el, plain, words } = kit;
  let seen = null;
  function lay() {
    if (seen) return;
    seen = map.getBounds();
    document.body.classList.add("paper");
    map.closePopup();
    map.invalidateSize({ animate: false });
    map.fitBounds(seen, { animate: false });
  }
  function back() {
    if (!seen) return;
    document.body.classList.remove("paper");
    map.invalidateSize({ animate: false });
    map.fitBounds(seen, { animate: false });
    seen = null;
  }
  window.addEventListener("beforeprint", lay);
  window.addEventListener("afterprint", back);
  const button = el("button", "tool", words.print[0]);
  button.type = "button";
  button.title = plain(words.print);
  button.addEventListener("click", () => { lay(); window.setTimeout(() => window.print(), 400); });
  return button;
}
