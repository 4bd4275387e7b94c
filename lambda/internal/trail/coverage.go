package trail

// steps bounds the work of one comparison, some 50 ms at worst. CloudTrail takes at most 500 values and 250 data resources on a trail; two
// such trails of the usual form stay below it. Selectors that are built to take more differ: see missing.
const steps = 1 << 21

// maxPieces bounds the boxes of a difference that are put in words.
const maxPieces = 1000

// tooMany stands for a difference that was not worked out.
const tooMany = "events that could not be compared (too many conditions)"

// missing lists what a records and b does not, as noun phrases in the plural such as "write management events" or "data events of
// AWS::S3::Object below arn:aws:s3:::bucket/". It is empty if b records all that a records. Selectors whose comparison would take too long
// yield one phrase that says so. The phrases are bounded in number and length and hold no control characters; they do hold what callers of
// AWS wrote: escape them.
//
// An event with several resources is recorded for any one of them, so that comparing one resource at a time says "the same" for no two
// selectors that differ. Fields are taken to be independent of one another, which can only make selectors differ by events that never come.
func missing(a, b State) []string {
	if sameSelectors(a, b) {
		return nil
	}
	w := &comparer{budget: steps}
	lost := w.lost(w.boxes(a), w.boxes(b))
	if w.budget < 0 || len(lost) > maxPieces {
		return []string{tooMany}
	}
	if len(lost) == 0 {
		return nil
	}
	return phrases(tidy(lost), 12, box.phrase)
}
