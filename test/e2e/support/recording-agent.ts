// An agent that raises alerts and records what it sees at once: node recording-agent.js RULES DATA CAPTURE
import { readConfiguration } from '../../../agent/cli/configuration.ts';
import { createLog } from '../../../agent/log.ts';
import { startAgent } from '../../../agent/main.ts';
import { captureHeader } from '../../../agent/pipeline/capture-header.ts';
import { createRecorder } from '../../../agent/sources/capture/recorder.ts';

const [rules = '', data = '', capture = ''] = process.argv.slice(2);
const { config } = readConfiguration({
  env: {},
  flags: [
    { path: ['rules', 'paths'], value: [rules], flag: '--rules' },
    { path: ['data'], value: data, flag: '--data' },
    { path: ['http'], value: 'none', flag: '--http' },
  ],
});
const agent = await startAgent({
  config,
  version: 'test',
  log: createLog('info'),
  record: (world, plan) => createRecorder(capture, captureHeader(world, plan, 'test')),
});
process.once('SIGTERM', () => void agent.stop());
