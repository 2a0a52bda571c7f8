/**
 * The lock file → known vulnerabilities of what runs in production; an error for any that is high or critical. Not every
 * registry has an audit endpoint, and it needs the network: where there is no answer, this says so on the last line and
 * fails only if AUDIT=require, as a release should have it.
 */
import { spawnSync } from 'node:child_process';
import { root } from './dependencies.mjs';

const levels = ['critical', 'high', 'moderate', 'low'];
const failing = new Set(['critical', 'high']);

const { stdout, error } = spawnSync(
  'npm',
  ['audit', '--omit', 'dev', '--json', '--package-lock-only', '--fetch-retries=0'],
  {
    ...{
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
    },
  },
);
const report = parsed(stdout ?? '');

if (report?.vulnerabilities === undefined) {
  const why = error?.message ?? (report?.error?.summary || report?.message || 'no answer');
  console.error(`VULNERABILITIES WERE NOT CHECKED: the registry gives no audit (${why.split('\n')[0]})`);
  if (process.env.AUDIT === 'require') process.exitCode = 1;
} else {
  const found = Object.values(report.vulnerabilities);
  for (const level of levels)
    for (const { name, range, fixAvailable } of found.filter(({ severity }) => severity === level))
      console.error(`${level}: ${name} ${range}${fixAvailable ? ', a fix is available' : ''}`);
  const serious = found.filter(({ severity }) => failing.has(severity)).length;
  console.log(`${found.length} packages with known vulnerabilities, ${serious} of them high or critical`);
  if (serious > 0) process.exitCode = 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
