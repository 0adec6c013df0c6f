import { messageOf, parts, valueText } from './text.js';

const MAX_ROWS = 500;
const LEVELS = {
  Emergency: 'urgent',
  Alert: 'urgent',
  Critical: 'urgent',
  Error: 'warning',
  Warning: 'warning',
  Notice: 'notice',
  Informational: 'debug',
  Debug: 'debug',
};

const list = document.getElementById('alerts');
const empty = document.getElementById('empty');
const state = document.getElementById('state');
const problem = document.getElementById('problem');
const form = document.getElementById('selection');
const pause = document.getElementById('pause');

let source;
let held = [];
let paused = false;
/** Since when the connection is lost; undefined while there is one. */
let lostAt;

/** An element with text nodes only: nothing that an alert says becomes markup. */
function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  for (const part of text === undefined ? [] : parts(text)) {
    if (part.escaped) made.append(element('span', 'escape', part.text));
    else made.append(document.createTextNode(part.text));
  }
  return made;
}

function alertRow(alert) {
  const row = document.createElement('li');
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  const message = element('span', 'output', messageOf(alert));
  if (alert.incomplete.length > 0) message.append(' ', element('em', '', 'evidence may be incomplete'));
  summary.append(
    timeElement(alert.time),
    element('span', `priority ${LEVELS[alert.priority] ?? 'debug'}`, alert.priority),
    element('span', 'node', alert.hostname),
    element('span', 'rule', alert.rule),
    message,
  );
  details.append(summary);
  // Filled when it is opened: most rows never are.
  details.addEventListener('toggle', () => details.append(fieldTable(alert)), { once: true });
  row.append(details);
  return row;
}

/** Local time; with its date when it is not of today. All of it, UTC, under the pointer. */
function timeElement(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  const time = element('time', '', today ? clock(date) : `${day(date)} ${clock(date)}`);
  time.dateTime = iso;
  time.title = iso;
  return time;
}

/** Local date as YYYY-MM-DD. */
function day(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

function clock(date) {
  return date.toLocaleTimeString([], { hourCycle: 'h23' });
}

function fieldTable(alert) {
  const table = document.createElement('table');
  const facts = {
    time: alert.time,
    node: alert.hostname,
    tags: alert.tags.join(', '),
    uuid: alert.uuid,
    ...(alert.incomplete.length > 0 ? { 'may lack': alert.incomplete } : {}),
    matched: alert.matched,
    'process, parents': alert.processes,
    ...alert.fields,
  };
  for (const [name, value] of Object.entries(facts)) {
    const row = table.insertRow();
    const head = element('th', '', name);
    head.scope = 'row';
    row.append(head, element('td', '', Array.isArray(value) ? undefined : valueText(value)));
    if (Array.isArray(value)) row.lastElementChild.append(...value.map((item) => element('div', '', valueText(item))));
  }
  return table;
}

function gapRow({ node, stage, cause, lane, count, from, to }) {
  const what = stage === 'spool' ? 'records' : 'events';
  const where = lane === '' ? stage : `${stage}, lane ${lane}`;
  const between = `between ${clock(new Date(from))} and ${clock(new Date(to))}`;
  return element('li', 'note', `${node} lost ${count} ${what} ${between} (${where}: ${cause}).`);
}

function show(row) {
  if (paused) {
    held.push(row);
    if (held.length > MAX_ROWS) held.shift();
    pause.textContent = `Resume (${held.length} new)`;
    return;
  }
  list.prepend(row);
  while (list.childElementCount > MAX_ROWS) list.lastElementChild.remove();
  empty.hidden = true;
}

/** What the page is doing; the look follows from `kind`: live, waiting or lost. */
function tellState(kind, text) {
  state.className = kind;
  state.textContent = text;
  document.body.classList.toggle('stale', kind === 'lost');
}

function connect() {
  source?.close();
  list.replaceChildren();
  held = [];
  const selection = new FormData(form);
  const selective = [...selection.values()].some((value) => value.trim() !== '');
  empty.textContent = selective
    ? 'No stored alert is selected. New ones that are appear here.'
    : 'No alerts yet. New ones appear here as they are stored.';
  empty.hidden = false;
  problem.textContent = '';
  lostAt = undefined;
  tellState('waiting', 'Connecting …');
  const url = `events?${new URLSearchParams(selection)}`;
  source = new EventSource(url);
  source.addEventListener('open', () => {
    lostAt = undefined;
    tellState('live', 'Live');
    problem.textContent = '';
  });
  source.addEventListener('gap', (event) => show(gapRow(JSON.parse(event.data))));
  source.addEventListener('alert', (event) => show(alertRow(JSON.parse(event.data))));
  source.addEventListener('dropped', (event) => {
    const { count } = JSON.parse(event.data);
    show(element('li', 'note', `${count} records were not shown: this page was too slow. They are stored.`));
  });
  source.addEventListener('error', () => lost(url));
}

/** The browser connects again by itself, unless the collector refused: then it says why. */
async function lost(url) {
  lostAt ??= new Date();
  tellState('lost', `Not connected since ${clock(lostAt)}; trying again`);
  if (source.readyState !== EventSource.CLOSED) return;
  const refused = source;
  const answer = await fetch(url).catch(() => undefined);
  if (source !== refused) return;
  if (answer === undefined || answer.ok) {
    await answer?.body?.cancel();
    setTimeout(() => source === refused && connect(), 2000);
    return;
  }
  tellState('lost', 'Not live');
  empty.hidden = true;
  problem.replaceChildren(...element('p', '', (await answer.text()).trimEnd()).childNodes);
}

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  pause.textContent = paused ? 'Resume' : 'Pause';
  if (paused) return;
  const rows = held;
  held = [];
  for (const row of rows) show(row);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  connect();
});

connect();
