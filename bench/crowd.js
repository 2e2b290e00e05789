// What shoppers do, for k6: 100 requests are 80 reads, 15 changes of a cart and the 5 steps of a checkout, in this order of
// a visit. `bench/crowd.py` starts it and reads what it writes.
import { sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";

const { SHOP, OFFERS, SUMMARY, EXECUTOR, RATE, SHOPPERS, SECONDS, WARMING, THINKING } = __ENV;
const { offers, categories, collections } = JSON.parse(open(OFFERS));
const JSON_BODY = "application/json";
const MERGE_PATCH = "application/merge-patch+json";
const IN_TIME = 1000; // ms: who waits longer has gone

const ENDPOINTS = [
  "detail", "listing", "categories", "cart", "order",
  "open_cart", "add_item", "change_item", "remove_item",
  "address", "shipping_methods", "choose_method", "place_order", "pay",
];
const took = Object.fromEntries(ENDPOINTS.map((name) => [name, new Trend(`took_${name}`, true)]));
const failed = Object.fromEntries(ENDPOINTS.map((name) => [name, new Counter(`failed_${name}`)]));
const refused = Object.fromEntries(ENDPOINTS.map((name) => [name, new Counter(`refused_${name}`)]));
const good = new Counter("good");

const seconds = Number(SECONDS);
const warming = Number(WARMING);
const thinking = Number(THINKING);
const common = { exec: "next", gracefulStop: "10s" };
const steady = { executor: "constant-vus", vus: Number(SHOPPERS), duration: `${seconds}s` };
const arriving = {
  executor: "constant-arrival-rate", rate: Number(RATE), timeUnit: "1s", duration: `${seconds}s`,
  preAllocatedVUs: Number(SHOPPERS), maxVUs: Number(SHOPPERS),
};

export const options = {
  scenarios: { crowd: Object.assign(EXECUTOR === "arriving" ? arriving : steady, common) },
  summaryTrendStats: ["count", "med", "p(95)", "p(99)", "max"],
  discardResponseBodies: true,
};

// The changes stand between the reads; the last two, with an open cart or without, leave something in it.
const CHANGES = [
  "open", "add", "change", "add", "add", "change", "remove", "add", "change", "add", "change", "remove", "add", "add",
  "add",
];
const CHECKOUT = [setAddress, listMethods, chooseMethod, placeOrder, pay];
const VISIT = 100;
const FIRST_OF_CHECKOUT = VISIT - CHECKOUT.length;
const LATEST_START = 86;
const changeAt = (place) => (place % 6 === 2 && place <= 92 && place >= 8 ? CHANGES[(place - 8) / 6] : null);

// One shopper: each VU has its own copy of all this.
let place = -1;
let cart = null;
let order = null;
let nextPage = null;
let asked = 0;

export function next() {
  if (place < 0) {
    // They come at any moment of a visit, so that all is done at the same time.
    place = Math.floor(Math.random() * (LATEST_START + 1));
    if (thinking) sleep(Math.random() * thinking);
  }
  if (step()) place = (place + 1) % VISIT;
  if (thinking) sleep(thinking * (0.5 + Math.random()));
}

// Whether it was done: who is refused for now tries the same again.
function step() {
  if (place >= FIRST_OF_CHECKOUT) {
    return CHECKOUT[place - FIRST_OF_CHECKOUT]();
  }
  const change = changeAt(place);
  return change ? changeCart(change) : read();
}

function read() {
  const drawn = Math.random() * 80;
  if (drawn < 8 && cart) return ask("cart", "GET", `/v1/carts/${cart.id}`);
  if (drawn < 10 && order) return ask("order", "GET", `/v1/orders/${order.id}`);
  if (drawn < 14) return ask("categories", "GET", "/v1/categories?channel=eu");
  if (drawn < 38) return list();
  return ask("detail", "GET", `/v1/products/${anOffer().slug}?channel=eu`);
}

function list() {
  let target = nextPage;
  if (!target || Math.random() < 0.7) {
    const where = Math.random() < 0.8 ? `category=${oneOf(categories)}` : `collection=${oneOf(collections)}`;
    const how = oneOf(["", "", "", "&sort=price", "&sort=-price", "&available=true", "&price_max=3000&sort=price"]);
    target = `/v1/products?channel=eu&limit=24&${where}${how}`;
  }
  const answer = send("listing", "GET", target);
  const link = answer && /<([^>]+)>; rel="next"/.exec(answer.headers.Link || "");
  nextPage = link ? link[1] : null;
  return Boolean(answer);
}

function changeCart(change) {
  if (!cart) return keep(sendJson("open_cart", "POST", "/v1/carts", { channel: "eu" }));
  const items = `/v1/carts/${cart.id}/items`;
  if (change === "change" && cart.items.length) {
    return keep(sendJson("change_item", "PATCH", `${items}/${oneOf(cart.items).line_id}`, { quantity: 1 + drawn(3) }));
  }
  if (change === "remove" && cart.items.length > 1) {
    return keep(sendJson("remove_item", "DELETE", `${items}/${oneOf(cart.items).line_id}`));
  }
  return keep(sendJson("add_item", "POST", items, { variant_id: anOffer().variant, quantity: 1 }));
}

function setAddress() {
  const who = {
    email: `shopper-${exec.vu.idInTest}@example.com`,
    shipping_address: {
      name: "Ada Lovelace", street_address: `Street ${exec.vu.idInTest}`, city: "Berlin", postal_code: "10117",
      country_code: "DE",
    },
  };
  return keep(sendJson("address", "PATCH", `/v1/carts/${cart.id}`, who));
}

function listMethods() {
  const answer = send("shipping_methods", "GET", `/v1/carts/${cart.id}/shipping-methods`, null, "text");
  if (answer) cart.method = answer.json("items.0.method_id");
  return Boolean(answer);
}

function chooseMethod() {
  return keep(sendJson("choose_method", "PATCH", `/v1/carts/${cart.id}`, { shipping_method_id: cart.method }));
}

function placeOrder() {
  const answer = sendJson("place_order", "POST", "/v1/orders", { cart_id: cart.id, expected_total: cart.total });
  if (!answer) return false;
  order = { id: answer.json("id"), token: answer.json("token") };
  cart = null;
  return true;
}

function pay() {
  const with_ = { provider: "development", token: "tok_success" };
  return Boolean(sendJson("pay", "POST", `/v1/orders/${order.id}/payments`, with_));
}

function keep(answer) {
  if (!answer) return false;
  const said = answer.json();
  cart = { id: said.id, token: said.token || cart.token, items: said.items, total: said.total };
  return true;
}

function ask(endpoint, method, target) {
  return Boolean(send(endpoint, method, target));
}

function sendJson(endpoint, method, target, body) {
  return send(endpoint, method, target, body, "text");
}

// The answer, or null if it was not as asked for. Counted only when the shop has warmed up.
function send(endpoint, method, target, body, responseType = "none") {
  const headers = { "X-Forwarded-For": address(exec.vu.idInTest) };
  if (cart) headers["Cart-Token"] = cart.token;
  if (order) headers["Order-Token"] = order.token;
  if (method !== "GET") headers["Idempotency-Key"] = `${Math.random()}-${Math.random()}-${exec.vu.idInTest}-${asked++}`;
  if (body) headers["Content-Type"] = method === "PATCH" ? MERGE_PATCH : JSON_BODY;
  const tags = { name: endpoint };
  const answer = http.request(method, SHOP + target, body ? JSON.stringify(body) : null, {
    headers, tags, responseType, timeout: "20s",
  });
  const isDone = answer.status >= 200 && answer.status < 300;
  const isRefused = answer.status === 503 || answer.status === 429;
  if (exec.instance.currentTestRunDuration >= 1000 * warming) count(endpoint, answer, isDone, isRefused);
  if (!isDone && !isRefused) {
    console.error(`${endpoint}: ${answer.status} ${answer.error} ${String(answer.body).slice(0, 300)}`);
    place = 0;
    cart = null;
  }
  return isDone ? answer : null;
}

function count(endpoint, answer, isDone, isRefused) {
  const waited = answer.timings.blocked + answer.timings.duration;
  if (isDone) took[endpoint].add(waited);
  else (isRefused ? refused : failed)[endpoint].add(1);
  if (isDone && waited <= IN_TIME) good.add(1);
}

function address(number) {
  return `10.0.${number >> 8}.${number & 255}`;
}

function drawn(below) {
  return Math.floor(Math.random() * below);
}

function oneOf(things) {
  return things[drawn(things.length)];
}

// Some are much asked for: a tenth of the products by nearly half of the shoppers.
function anOffer() {
  return offers[Math.floor(offers.length * Math.random() ** 3)];
}

export function handleSummary(found) {
  return { [SUMMARY]: JSON.stringify(found.metrics) };
}
