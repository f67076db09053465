import { writeFileSync } from 'node:fs';

/** A vitest reporter that writes test counts to the file in SEEKNAL_TEST_SUMMARY. */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env.SEEKNAL_TEST_SUMMARY;
    if (path) writeFileSync(path, JSON.stringify(summarise(modules, unhandledErrors)));
  }
}

function summarise(modules, unhandledErrors) {
  const summary = { passed: 0, failed: unhandledErrors.length, skipped: [], files: modules.map(describeFile) };
  for (const module of modules) {
    // A file that cannot be loaded contains no failed tests.
    summary.failed += module.errors().length;
    for (const test of module.children.allTests()) count(summary, module, test);
  }
  return summary;
}

/** Path and duration of a file, including loading and hooks. */
function describeFile(module) {
  const { collectDuration, prepareDuration, setupDuration, duration } = module.diagnostic();
  return {
    path: module.relativeModuleId,
    milliseconds: collectDuration + prepareDuration + setupDuration + duration,
  };
}

function count(summary, module, test) {
  const { state, note } = test.result();
  if (state === 'passed') summary.passed += 1;
  else if (state === 'failed') summary.failed += 1;
  else summary.skipped.push(`${module.relativeModuleId} > ${test.fullName}${note ? `: ${note}` : ''}`);
}
