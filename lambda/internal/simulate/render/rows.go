package render

import "trailkeeper/lambda/internal/simulate/result"

// Row is one line of a timeline, whole: how long after the start, who, and what. What somebody else wrote is cleaned,
// and not escaped for any format.
type Row struct{ After, Who, What string }

// Rows are the lines of a timeline as WriteText shows them: what repeats itself stands once, with how often.
func Rows(r result.Result) []Row {
	var rows []Row
	for _, s := range lines(r) {
		rows = append(rows, Row{Offset(s.at), s.who, s.what + s.more})
	}
	return rows
}
