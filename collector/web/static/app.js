import { parts, valueText } from './text.js';

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
  const time = element('time', '', new Date(alert.time).toLocaleTimeString());
  time.dateTime = alert.time;
  time.title = alert.time;
  summary.append(
    time,
    element('span', `priority ${LEVELS[alert.priority] ?? 'debug'}`, alert.priority),
    element('span', 'rule', alert.rule),
    element('span', 'output', alert.output),
  );
  details.append(summary);
  // Filled when it is opened: most rows never are.
  details.addEventListener('toggle', () => details.append(fieldTable(alert)), { once: true });
  row.append(details);
  return row;
}

function fieldTable(alert) {
  const table = document.createElement('table');
  const facts = {
    time: alert.time,
    node: alert.hostname,
    tags: alert.tags.join(', '),
    uuid: alert.uuid,
    ...(alert.incomplete.length > 0 ? { 'may lack': alert.incomplete.join(', ') } : {}),
    ...alert.fields,
  };
  for (const [name, value] of Object.entries(facts)) {
    const row = table.insertRow();
    const head = element('th', '', name);
    head.scope = 'row';
    row.append(head, element('td', '', valueText(value)));
  }
  return table;
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

function connect() {
  source?.close();
  list.replaceChildren();
  empty.hidden = false;
  problem.textContent = '';
  const url = `events?${new URLSearchParams(new FormData(form))}`;
  source = new EventSource(url);
  source.addEventListener('open', () => {
    state.textContent = 'Live';
    problem.textContent = '';
  });
  source.addEventListener('alert', (event) => show(alertRow(JSON.parse(event.data))));
  source.addEventListener('dropped', (event) => {
    const { count } = JSON.parse(event.data);
    show(element('li', 'note', `${count} records were not shown: this page was too slow. They are stored.`));
  });
  source.addEventListener('error', () => lost(url));
}

/** The browser connects again by itself, unless the collector refused: then it says why. */
async function lost(url) {
  state.textContent = `Not connected since ${new Date().toLocaleTimeString()}`;
  if (source.readyState !== EventSource.CLOSED) return;
  const refused = source;
  const answer = await fetch(url).catch(() => undefined);
  if (source !== refused) return;
  if (answer === undefined || answer.ok) {
    await answer?.body?.cancel();
    setTimeout(() => source === refused && connect(), 2000);
    return;
  }
  problem.replaceChildren(...element('p', '', await answer.text()).childNodes);
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
