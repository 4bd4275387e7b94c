// What must be read on each page.
const dashboard = ['Trails', 'Incidents', 'Delivery', 'Queues']
const headings = {
  attacks: ['Scenarios', '✓ The logging of a trail is stopped', '✓ A trail is deleted'],
  page: ['Scenarios', 'Assumptions'],
  backtest: ['Matches over time', 'Rules', 'Noisiest actors', 'Suppressed by ignore rules', 'Samples', 'Left out'],
  live: ['Trails', 'What happens', 'Messages', 'From a terminal'],
}

const figures = {
  busy: ['1 trail is weaker than its baseline', '8', '1 min 1 s', '1 min 25 s', '15 min ago', '3 repairs failed', '1 incident was contested', 'Trails over time', 'Open now', 'user mallory'],
  quiet: ['Every trail is healthy', '4', '96', 'No incident and no attempt was reported in this time.'],
  stopped: ['1 trail does not log', '10 min ago'],
  empty: ['The state of the trails is not known', 'Not on this page', 'No sweep reported the trails in this time', 'No delivery was reported in this time'],
  attacks: ['All checks passed', 'Longest dark time', 'StopLogging', 'AWS Notifications', 'Stopped after'],
  page: ['1 check failed in 1 scenario', 'Refused: HTTP 503', 'nothing was lost: Rule lost an event'],
  backtest: ['About 35 Slack messages a week', 'What the rules would have found'],
  live: ['✓ recording', '✕ deleted', 'Stop logging'],
  hostile: ['<script>alert(1)</script>', '</td><style>*{display:none}</style>', '<a href="javascript:alert(1)">click</a>'],
}

// expected returns the headings and the texts of a page.
export function expected(name) {
  return { headings: headings[name] ?? dashboard, texts: figures[name] ?? [] }
}
