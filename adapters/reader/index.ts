/** Documents from outside, read in processes of their own. */
export { createReader } from './createReader';
