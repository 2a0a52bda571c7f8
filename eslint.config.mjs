// Only what Biome lacks: regular expressions that take more than linear time. Text from outside meets many of them, and
// one that backtracks keeps a process busy for hours. `make check` runs it; test/infra/regexps.test.ts proves that it bites.
import parser from '@typescript-eslint/parser';
import * as regexp from 'eslint-plugin-regexp';

export default [
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  {
    files: ['**/*.{ts,tsx,js,mjs,cjs}'],
    languageOptions: { parser },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': [
        'error',
        { report: 'potential', ignoreSticky: false, ignorePartial: false },
      ],
    },
  },
];
