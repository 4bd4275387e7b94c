// Package heartbeat is a service outside of AWS that waits for pings: a URL for each heartbeat, below /ping/, which takes
// GET and POST. It knows no period and alerts nobody: who was pinged, and when, is in the run's entries.
package heartbeat

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Folder begins the path of every heartbeat.
const Folder = "/ping/"

const (
	service = "heartbeat"
	opPing  = "ping"
)

// Service is the service outside. Its heartbeats are those whose URLs stand in the secrets.
type Service struct {
	kernel  *kernel.Kernel
	secrets map[string]string // name to text
}

// New returns a service that nobody has pinged.
func New(k *kernel.Kernel, secrets map[string]string) *Service {
	return &Service{kernel: k, secrets: secrets}
}

// Serve takes a ping: 200 for a heartbeat that it knows, 404 for another, 405 for another method than GET, HEAD and POST.
func (s *Service) Serve(r *http.Request, body []byte) (kernel.Answer, *kernel.Injected) {
	key := s.key(r.Host, r.URL.Path)
	who := r.Header.Get(kernel.Sender)
	injected := s.kernel.Pick(kernel.Step{Service: service, Op: opPing, By: kernel.ViaFunction, About: key, Function: who != ""})
	s.kernel.Leak(string(body))
	if injected != nil && injected.Kind != kernel.FaultError {
		s.kernel.Shows(injected, service, opPing)
		if !injected.Effective() {
			return kernel.Answer{Status: injected.Garbage().Status}, injected
		}
	}
	status := s.status(r, key, injected)
	e := kernel.Entry{Kind: kernel.KindPing, Who: who, Function: who != "", Op: r.Method, Subject: key}
	if status != http.StatusOK {
		e.Err = strconv.Itoa(status)
	}
	s.kernel.Note(e)
	return kernel.Answer{Status: status, Body: []byte(http.StatusText(status))}, injected
}

func (s *Service) status(r *http.Request, key string, injected *kernel.Injected) int {
	failed := s.kernel.Asked(service, opPing, r.Header.Get(kernel.Sender) != "")
	if failed == nil {
		failed = injected.Failure()
	}
	switch {
	case failed != nil:
		return failed.Status
	case key == "":
		return http.StatusNotFound
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodHead:
		return http.StatusMethodNotAllowed
	}
	return http.StatusOK
}

// key is the key of a secret under which the heartbeat's URL stands; empty: there is none.
func (s *Service) key(host, path string) string {
	found := ""
	for _, text := range s.secrets {
		var keys map[string]string
		if json.Unmarshal([]byte(text), &keys) != nil {
			continue
		}
		for key, value := range keys {
			u, err := url.Parse(value)
			if err == nil && strings.HasPrefix(u.Path, Folder) && u.Path == path && u.Host == host && (found == "" || key < found) {
				found = key
			}
		}
	}
	return found
}
