// What the page is built from: elements whose content is text, and lines of the data made places again.
function builders() {
  "use strict";
  function el(tag, name, ...children) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const bdi = (text) => el("bdi", "", text);
  const said = (pair) => el("span", "", pair[0], pair[1] ? el("small", "", pair[1]) : null);
  const plain = (pair) => [pair[0], pair[1]].filter(Boolean).join("  ");
  const thousands = (number) => number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  function svg(tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  function section(title, ...children) {
    return el("section", "", title ? el("h2", "", said(title)) : null, ...children);
  }

  function classed(name, node) {
    node.classList.add(name);
    return node;
  }
  function decode(stream) {
    const lines = [];
    let x = 0, y = 0, at = 0;
    for (const count of stream.n) {
      const line = new Array(count);
      for (let i = 0; i < count; i += 1, at += 2) {
        x += stream.d[at];
        y += stream.d[at + 1];
        line[i] = L.latLng(y / 1e6, x / 1e6);
      }
      lines.push(line);
    }
    return lines;
  }
  return { el, bdi, said, plain, thousands, svg, section, classed, decode };
}
