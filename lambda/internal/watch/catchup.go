package watch

import (
	"context"
	"encoding/json"
	"fmt"

	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/sanitize"
)

// maxAnswer bounds what is said of one object to whoever asked, in runes.
const maxAnswer = 500

// catchUp decides the objects that trailkeeper catch-up asks for, as if a notification had said that they were created,
// and answers what became of each. Who asks is not believed in more than whoever else may invoke the function.
func (w *Watch) catchUp(ctx context.Context, payload []byte, request string, a objects.Asked, bad error) ([]byte, error) {
	if bad != nil {
		return nil, w.signals.Unreadable(ctx, payload, request, bad)
	}
	b := &batch{Watch: w, done: map[objects.Object]error{}}
	b.read(ctx, []objects.Message{{Objects: a.Objects}})
	answers := objects.Answers{}
	for _, o := range a.Objects {
		err := fmt.Errorf("the bucket %.80q is not among the configured ones", o.Bucket)
		if bucket, known := w.files.bucket(o); known {
			err = b.object(ctx, o, bucket)
		}
		one := objects.Answer{}
		if err != nil {
			one.Error = sanitize.Bound(err.Error(), maxAnswer)
		}
		answers.Objects = append(answers.Objects, one)
	}
	return json.Marshal(answers)
}
