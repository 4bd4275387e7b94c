// Package s3write puts objects into S3, with the client of package s3read.
//
// It deletes nothing, and never retries.
package s3write

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"trailkeeper/lambda/internal/s3read"
)

// Put writes the object, in place of what is there. The bucket's own encryption applies. The error, where S3 answered,
// is an *s3read.Error.
func Put(ctx context.Context, c *s3read.Client, o s3read.Object, content []byte) error {
	answer, err := c.Do(ctx, s3read.Request{Object: o, Method: http.MethodPut, Body: content})
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer, maxAnswer)); err != nil { // so that the connection is kept
		return fmt.Errorf("S3's answer breaks off: %w", err)
	}
	return nil
}

const maxAnswer = 64 << 10
