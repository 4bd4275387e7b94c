package cli

import (
	"fmt"
	"io"
	"time"
)

// redraw is the time after which the line of ShowProgress is written again, and clearLine takes it away.
const (
	redraw    = time.Second / 4
	clearLine = "\r\x1b[K"
)

// ShowProgress writes a line four times a second, each time over the last, until end is called; end takes the line away,
// and must be called once. Live is that of the Terminal that out is: if it is false, nothing is written. The line is
// asked for on a goroutine of its own; it must be no longer than the terminal is wide, and have no newline.
func ShowProgress(out io.Writer, live bool, line func() string) (end func()) {
	if !live {
		return func() {}
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(redraw)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				fmt.Fprint(out, clearLine+line())
			case <-done:
				fmt.Fprint(out, clearLine)
				return
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}
