/**
 * Jest's global set-up of the project `trainer`: TensorFlow's own library, built into the cache if it is nowhere. The
 * tests compare it with WebAssembly, so without it they fail; the other projects need no C++ compiler.
 */
import { findTensorflow, locateTensorflow } from '../installation/tools/tensorflow';
import { toolCache } from '../installation/tools/toolPlaces';
import { report } from './support/testEnvironment';

export default async function setUp() {
  if (locateTensorflow() === null)
    report(
      `before the tests, once, into ${toolCache(process.env)}: tensorflow (Python package of 187 MB, built with the C++ compiler)`,
    );
  await findTensorflow(report);
}
