// The reference of the HTTP API, drawn from openapi.json; no other site is needed to read it.

import { element } from "./element.js";

const find = (id) => document.getElementById(id);
const code = (text) => element("code", {}, text);
const nameOf = (reference) => reference.split("/").pop();

/** Paragraphs of a description, with `code` marked; it knows no other Markdown. */
function prose(text) {
  return text.split(/\n\s*\n/).map((block) => {
    const parts = block.split("`").map((part, index) => (index % 2 ? code(part) : part.replace(/\s+/g, " ")));
    return element("p", {}, ...parts);
  });
}

function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array") return `[${typeOf(schema.items)}]`;
  return schema.format || schema.type || "any";
}

function table(rows) {
  return element(
    "table",
    {},
    ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))),
  );
}

const json = (content) => content?.["application/json"]?.schema;

function example(schemas, path, schema) {
  const first = schema?.$ref && schemas[nameOf(schema.$ref)]?.examples?.[0];
  if (!first) return null;
  const call = `curl -s ${location.origin}${path} \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(first)}'`;
  return element("pre", {}, call);
}

function route(schemas, path, method, operation) {
  const body = json(operation.requestBody?.content);
  const answers = Object.entries(operation.responses).map(([status, response]) => [
    code(status),
    code(typeOf(json(response.content))),
    element("span", {}, ...prose(response.description)),
  ]);
  return element(
    "section",
    { id: operation.operationId },
    element("h2", {}, element("span", { class: "method" }, method.toUpperCase()), code(path)),
    ...prose(operation.description || operation.summary || ""),
    body ? element("h3", {}, "Send") : null,
    body ? code(typeOf(body)) : null,
    example(schemas, path, body),
    element("h3", {}, "Comes back"),
    table(answers),
  );
}

function shape(name, schema) {
  const required = new Set(schema.required || []);
  const rows = Object.entries(schema.properties || {}).map(([field, about]) => [
    code(required.has(field) ? field : `${field}?`),
    code(typeOf(about)),
    element("span", {}, ...prose(about.description || "")),
  ]);
  return element("section", {}, element("h2", {}, code(name)), ...prose(schema.description || ""), table(rows));
}

const described = await fetch("/openapi.json").then((response) => response.json());
const schemas = described.components?.schemas || {};
find("about").append(...prose(described.info.description.trim()));
for (const [path, methods] of Object.entries(described.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    find("routes").append(route(schemas, path, method, operation));
  }
}
for (const [name, schema] of Object.entries(schemas)) {
  if (!/ValidationError$/.test(name)) find("shapes").append(shape(name, schema));
}
