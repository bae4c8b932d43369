/** The part of a browser's `Storage` that the page uses. */
export class MapStorage {
  #map = new Map();

  get length() {
    return this.#map.size;
  }

  key(index) {
    return [...this.#map.keys()][index] ?? null;
  }

  getItem(key) {
    return this.#map.get(key) ?? null;
  }

  setItem(key, value) {
    this.#map.set(key, value);
  }

  removeItem(key) {
    this.#map.delete(key);
  }
}
