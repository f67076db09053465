import type { RunEvent } from '../core/world.ts';
import { plural } from './text/columns.ts';
import type { Style } from './text/style.ts';
import { clipText, singleLine } from './text/text-width.ts';

/** The output that shows progress. */
export interface ProgressOutput {
  write(text: string): void;
  /** Whether the output is a terminal with one live line; else each event is a line. */
  readonly live: boolean;
  /** Width of the terminal. */
  columns(): number;
  readonly style: Style;
}

type TargetFinished = Extract<RunEvent, { kind: 'target-finished' }>;
type NodeFinished = Extract<RunEvent, { kind: 'node-finished' }>;

const TICK_MS = 200;
const ERASE = '\r\u001b[K';

/** Shows a command's events on stderr. Close it when the command is done. */
export class Progress {
  readonly #output: ProgressOutput;
  readonly #running = new Set<string>();
  readonly #now: () => number;
  #phase = '';
  #started = 0;
  #total = 0;
  #since: number;
  #drawn = false;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(output: ProgressOutput, now: () => number = Date.now) {
    this.#output = output;
    this.#now = now;
    this.#since = now();
    this.resume();
  }

  /** Shows the live line again after `close`, such as after a question. */
  resume(): void {
    if (!this.#output.live || this.#timer !== null) return;
    this.#timer = setInterval(() => this.#draw(), TICK_MS);
    this.#timer.unref();
  }

  show(event: RunEvent): void {
    this.#count(event);
    if (event.kind === 'node-finished') this.#running.delete(event.id);
    if (event.kind === 'phase') this.#phase = event.text;
    if (event.kind === 'target-progress') this.#phase = `${event.id} → ${event.physical}: ${plural(event.rows, 'row')}`;
    if (event.kind === 'node-started' || event.kind === 'phase') this.#since = this.#now();
    const line = this.#output.live ? liveLine(event, this.#output.style) : this.#plainLine(event);
    if (line !== null) this.print(`${line}\n`);
  }

  #count(event: RunEvent): void {
    if (event.kind === 'work-started') {
      this.#started = 0;
      this.#total = event.total;
    }
    if (event.kind !== 'node-started') return;
    this.#running.add(event.id);
    this.#started += 1;
    this.#total = Math.max(this.#total, this.#started);
  }

  #plainLine(event: RunEvent): string | null {
    return event.kind === 'node-started'
      ? `  … ${singleLine(event.id)} ${this.#position()}`
      : lastingLine(event, this.#output.style);
  }

  #position(): string {
    return `(${this.#started} of ${this.#total})`;
  }

  /** Prints lasting text above the live line. */
  print(text: string): void {
    this.#erase();
    this.#output.write(text);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#erase();
  }

  #erase(): void {
    if (this.#drawn) this.#output.write(ERASE);
    this.#drawn = false;
  }

  #draw(): void {
    const text = this.#status();
    if (text === '') return;
    const seconds = Math.floor((this.#now() - this.#since) / 1000);
    const line = clipText(`  … ${text} ${seconds}s`, Math.max(20, this.#output.columns() - 1));
    this.#output.write(`${ERASE}${this.#output.style.faint(line)}`);
    this.#drawn = true;
  }

  #status(): string {
    const [first, ...others] = this.#running;
    if (first === undefined) return this.#phase === '' ? 'working' : singleLine(this.#phase);
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return `${singleLine(first)}${more} ${this.#position()}`;
  }
}

/** The lasting line of an event on a terminal; null if it needs none. */
function liveLine(event: RunEvent, style: Style): string | null {
  if (event.kind === 'phase') return null;
  if (event.kind === 'node-finished') return event.status === 'failed' ? failed(event, style) : null;
  return lastingLine(event, style);
}

function lastingLine(event: RunEvent, style: Style): string | null {
  switch (event.kind) {
    case 'work-started':
    case 'node-started':
      return null;
    case 'phase':
      return `  … ${singleLine(event.text)}`;
    case 'profile':
      return event.path === null ? null : `${style.note('ℹ')} Profile: ${event.path} (${event.because})`;
    case 'notice':
      return `${style.note('ℹ')} ${singleLine(event.text)}`;
    case 'warning':
      return `${style.caution('warning')}: ${singleLine(event.text)}`;
    case 'node-finished':
      return finished(event, style);
    case 'target-progress':
      return null;
    case 'target-finished':
      return targetFinished(event, style);
  }
}

function finished(event: NodeFinished, style: Style): string | null {
  if (event.status === 'failed') return failed(event, style);
  if (event.status !== 'executed') return null;
  const rows = event.rows === null ? [] : [plural(event.rows, 'row')];
  const seconds = event.seconds === null ? [] : [`${event.seconds.toFixed(2)}s`];
  return `  ${style.good('✓')} ${[singleLine(event.id), ...rows, ...seconds].join(' ')}`;
}

function targetFinished(event: TargetFinished, style: Style): string {
  const label = `${singleLine(event.id)} → ${singleLine(event.target)}`;
  if (event.status === 'written') {
    const seconds = event.seconds === null ? [] : [`${event.seconds.toFixed(2)}s`];
    return `  ${style.good('✓')} ${[label, plural(event.rows ?? 0, 'row'), ...seconds].join(' ')}`;
  }
  return `  ${style.bad('✗')} ${label}: ${singleLine(event.message ?? 'failed')}`;
}

const failed = (event: NodeFinished, style: Style): string =>
  `  ${style.bad('✗')} ${singleLine(event.id)}: ${singleLine(event.message ?? 'failed')}`;
