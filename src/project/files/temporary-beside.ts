import { dirname, join } from 'node:path';
import { randomId } from '../../store/random-id.ts';

/** A file beside another one to be renamed over it; nobody can have made one of this name, or a link. */
export const temporaryBeside = (path: string): string => join(dirname(path), `.seeknal-${randomId()}.part`);
