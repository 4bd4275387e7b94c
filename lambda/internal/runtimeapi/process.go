package runtimeapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// Process is a running bootstrap.
type Process struct {
	server  *server
	cmd     *exec.Cmd
	output  *lockedBuffer
	started time.Time
	exited  chan struct{} // closed when the process has ended
	stop    func() error
}

// Start runs the bootstrap with exactly the given environment and AWS_LAMBDA_RUNTIME_API. The caller must call Stop.
func Start(ctx context.Context, bootstrap string, env map[string]string) (*Process, error) {
	s, err := newServer(ctx)
	if err != nil {
		return nil, err
	}
	p := &Process{server: s, output: &lockedBuffer{}, exited: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, bootstrap)
	p.cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + s.address()}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", bootstrap, err), s.close())
	}
	p.stop = sync.OnceValue(p.end)
	go func() {
		_ = p.cmd.Wait() // the state holds the exit code
		close(p.exited)
	}()
	return p, nil
}

// FirstPoll waits for the first poll of the Runtime API, which is where Lambda's init phase ends, and returns the time
// from the start of the process. It may be called once. The error holds the process's output if it ended instead.
func (p *Process) FirstPoll(ctx context.Context) (time.Duration, error) {
	select {
	case at := <-p.server.firstPoll:
		return at.Sub(p.started), nil
	case <-p.exited:
		return 0, p.ended()
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for the first poll: %w", ctx.Err())
	}
}

// Invoke gives the function one invocation and waits for its answer. An error of the function is in the Result; the
// error that is returned says that there is no answer.
func (p *Process) Invoke(ctx context.Context, inv Invocation) (Result, error) {
	pending := &pending{Invocation: inv, result: make(chan Result, 1)}
	select {
	case p.server.queue <- pending:
	case <-p.exited:
		return Result{}, p.ended()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for the function to poll: %w", ctx.Err())
	}
	select {
	case res := <-pending.result:
		return res, nil
	case <-p.exited:
		return Result{}, p.ended()
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for the function's answer to %s: %w", inv.RequestID, ctx.Err())
	}
}

// Exit waits until the process has ended and returns its exit code, and the error that it reported to the Runtime API
// about its start, if any.
func (p *Process) Exit(ctx context.Context) (code int, initError *FunctionError, err error) {
	select {
	case <-p.exited:
	case <-ctx.Done():
		return 0, nil, fmt.Errorf("wait for the function to end: %w", ctx.Err())
	}
	select {
	case initError = <-p.server.initError:
	default:
	}
	return p.cmd.ProcessState.ExitCode(), initError, nil
}

// Output returns what the process has written to standard output and standard error so far.
func (p *Process) Output() string { return p.output.String() }

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Stop ends the process and the Runtime API. Stopping again does nothing.
func (p *Process) Stop() error { return p.stop() }

func (p *Process) end() error {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
	return p.server.close()
}

func (p *Process) ended() error {
	return fmt.Errorf("the function ended with code %d: %s", p.cmd.ProcessState.ExitCode(), p.Output())
}

// lockedBuffer is a buffer that the process writes while others read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String returns what was written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
