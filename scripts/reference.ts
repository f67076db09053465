import { writeFileSync } from 'node:fs';
import { REFERENCE_PAGES } from './reference/pages.ts';

for (const page of REFERENCE_PAGES) {
  writeFileSync(page.path, page.render());
  console.log(`✓ ${page.path}`);
}
