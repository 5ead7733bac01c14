// The place picker: provinces first, then, where there are some, the cities of the chosen province.

import { element } from "./element.js";

/** The place with this code, or nothing where it is unknown or cannot be asked for now. */
export async function regionOf(code, server) {
  const regions = await server.regions().catch(() => []);
  return regions.find((region) => region.code === code) ?? null;
}

const folded = (text) => text.toLowerCase().replace(/\s+/g, "");

function matches(region, query) {
  return [region.name.zh, region.name.en, region.code].some((name) => folded(name).includes(query));
}

/** The name of a place; in English where the language has none of its own. */
export const placeName = (region, language) => region.name[language] ?? region.name.en;

/** Drives the picker's sheet below `root`; `chosen(region)` is called with a province or a city. */
export function createPicker({ root, words, server, chosen }) {
  const { word } = words;
  const find = (id) => root.getElementById(id);
  const nameOf = (region) => placeName(region, words.language);
  const dialog = find("picker");
  const search = find("picker-search");
  const list = find("picker-list");
  const status = find("picker-status");
  let regions = [];
  let province = null;

  function pick(region) {
    dialog.close();
    chosen(region);
  }

  const citiesOf = (code) => regions.filter((region) => region.parent === code && region.level === "city");

  function enter(region) {
    if (!citiesOf(region.code).length) return pick(region);
    province = region;
    search.value = "";
    show();
    list.querySelector("button").focus();
  }

  function row(region, title, note, press) {
    return element(
      "li",
      { class: note === null ? "wide" : null },
      element(
        "button",
        { type: "button", "data-region": region.code, on: { click: press } },
        element("span", {}, title),
        note ? element("small", {}, note) : null,
      ),
    );
  }

  function found(query) {
    const hits = regions.filter((region) => matches(region, query));
    const parentName = (city) => {
      const parent = regions.find((region) => region.code === city.parent);
      return parent ? nameOf(parent) : "";
    };
    return hits.map((hit) =>
      hit.level === "city"
        ? row(hit, nameOf(hit), parentName(hit), () => pick(hit))
        : row(hit, nameOf(hit), "", () => enter(hit)),
    );
  }

  function rows() {
    const query = folded(search.value);
    if (query) return found(query);
    if (!province) {
      const provinces = regions.filter((region) => region.level === "province" && region.code !== "CN");
      return provinces.map((region) => row(region, nameOf(region), "", () => enter(region)));
    }
    const whole = row(province, word("picker_whole", { place: nameOf(province) }), null, () => pick(province));
    return [whole, ...citiesOf(province.code).map((city) => row(city, nameOf(city), "", () => pick(city)))];
  }

  function show() {
    const shown = rows();
    find("picker-title").textContent = province ? nameOf(province) : word("picker_title");
    find("picker-back").hidden = !province;
    search.placeholder = word("picker_search");
    list.replaceChildren(...shown);
    status.textContent = shown.length ? "" : word("picker_none", { query: search.value.trim() });
  }

  async function load() {
    if (regions.length) return show();
    list.replaceChildren();
    status.textContent = word("picker_loading");
    try {
      regions = await server.regions();
      show();
    } catch {
      const again = element("button", { type: "button", class: "quiet framed", on: { click: load } }, word("picker_again"));
      status.replaceChildren(`${word("picker_failed")} `, again);
    }
  }

  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      show();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const only = list.querySelectorAll("button");
      if (search.value && only.length) only[0].click();
    }
  });
  find("picker-back").addEventListener("click", () => {
    province = null;
    show();
    search.focus();
  });
  find("picker-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  return {
    open() {
      province = null;
      search.value = "";
      dialog.showModal();
      // On a touch screen the search field would bring up the keyboard over the list.
      if (matchMedia("(pointer: fine)").matches) search.focus();
      else find("picker-close").focus();
      load();
    },
  };
}
