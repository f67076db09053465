import { join } from 'node:path';
import { REPOSITORY } from '../support/repository.ts';

/** What tests fetch or build once per clone: servers, data templates, extensions. Not tracked by git. */
export const CACHE_FOLDER = join(REPOSITORY, 'node_modules', '.cache', 'seeknal-tests');
