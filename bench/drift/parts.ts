/** Parts of the real traces that drift is measured on: without outages and regime changes of their own. */
export const parts = [
  { name: 'clarknet', file: 'clarknet_1min.csv.gz', from: '1995-08-28T00:00Z', to: '1995-09-11T00:00Z' },
  { name: 'wc98', file: 'wc98_1min.csv.gz', from: '1998-05-21T12:00Z', to: '1998-06-08T00:00Z' },
  {
    name: 'twitter2021',
    file: 'twitter2021_1min.csv.gz',
    from: '2021-08-01T00:00Z',
    to: '2021-08-22T00:00Z',
  },
] as const;
