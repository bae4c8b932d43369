// Nodes are made one by one, and text becomes text: nothing here or elsewhere on the page parses
// HTML.

/**
 * Makes an element. A property that is `null`, `undefined` or `false` is left out, `true` is an
 * attribute without value, a function is a listener; strings among the children become text.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (typeof value === 'function') {
      element.addEventListener(key, value);
    } else {
      element.setAttribute(key, value === true ? '' : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Somebody's name, kept from turning the sentence around it. */
export function name(nick) {
  return h('bdi', { class: 'nick' }, nick);
}

/** Sets the text of an element only if it differs, so that nothing is read out twice. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Puts children in place of what is there, unless they would look just the same. */
export function setChildren(element, ...children) {
  const fresh = h('div', {}, ...children);
  if (fresh.childNodes.length === element.childNodes.length) {
    let isSame = true;
    fresh.childNodes.forEach((node, index) => {
      isSame = isSame && node.isEqualNode(element.childNodes[index]);
    });
    if (isSame) {
      return;
    }
  }
  element.replaceChildren(...fresh.childNodes);
}

/** Brings the children of an element into the order of the nodes, moving as few as possible. */
export function arrange(element, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...element.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  let cursor = element.firstElementChild;
  for (const node of nodes) {
    if (node === cursor) {
      cursor = cursor.nextElementSibling;
    } else {
      element.insertBefore(node, cursor);
    }
  }
}
