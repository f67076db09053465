import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** `pid N`: the process to end; `mount P`: a mount to remove. Cleans up at the end of its input. */
const SCRIPT = `
pid= mounts=
while read -r what value; do
  case $what in
    pid) pid=$value ;;
    mount) mounts="$mounts $value" ;;
  esac
done
if [ -n "$pid" ]; then
  kill -s "$2" "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
for mount in $mounts; do umount "$mount" || umount -l "$mount"; done
rm -rf "$1"
`;

/**
 * Cleans up after a server when `finish` is called or the test process dies, however it dies: a shell in a session of
 * its own waits for the end of its input.
 */
export class Watchdog {
  readonly #process: ChildProcess;
  readonly #input: Writable;

  /** At the end `folder` is deleted, after the server was sent `signal`, by which it must end all its processes. */
  constructor(folder: string, signal: 'QUIT' | 'KILL') {
    const child = spawn('sh', ['-c', SCRIPT, 'watchdog', folder, signal], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#process = child;
    this.#input = child.stdin;
    // A test process that is done must not wait for the watchdog, which waits for its end.
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
  }

  /** Says which process is to end; null: none. */
  watch(pid: number | null): void {
    this.#input.write(`pid ${pid ?? ''}\n`);
  }

  /** Says what is to be unmounted. The path must not contain spaces. */
  unmountAtEnd(path: string): void {
    this.#input.write(`mount ${path}\n`);
  }

  /** Cleans up now; resolves when that is done. */
  async finish(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise(resolve => this.#process.once('exit', resolve));
    this.#process.ref();
    this.#input.end();
    await ended;
  }
}
