// Starts a process under a watchdog, prints its id, and waits to be killed.
import { spawn } from 'node:child_process';
import { Watchdog } from './watchdog.ts';

const [folder = ''] = process.argv.slice(2);
const watchdog = new Watchdog(folder, 'KILL');
const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
watchdog.watch(child.pid ?? null);
console.log(child.pid);
setInterval(() => undefined, 60_000);
