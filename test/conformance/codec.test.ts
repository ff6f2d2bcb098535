import { describeCodec } from './codec.ts';
import { CSV, JSONL } from './codec-support.ts';

describeCodec('csv', CSV, 'seven,x');
describeCodec('csv with semicolons', { ...CSV, delimiter: ';', nullText: 'NULL' }, '1;x;y');
describeCodec('csv with an odd delimiter', { ...CSV, delimiter: '-', nullText: 'N' }, 'seven-x');
describeCodec('csv without header', { ...CSV, header: false, delimiter: '\t' }, '1');
describeCodec('jsonl', JSONL, '{"id":1,"name":"x"');
