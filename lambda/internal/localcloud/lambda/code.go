package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// code is what a function runs.
type code struct {
	sha256   string // in Base64, of the package
	replaced bool   // it is not the program that was deployed
}

// codeAt is the code of a package in a bucket, whose content nobody has here: the place stands for it.
func codeAt(bucket, key string) code {
	return code{sha256: digest([]byte(bucket + "/" + key))}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// inert is any other program than the one that was deployed: it takes every event and every batch, and does nothing.
type inert struct{}

// Invoke implements Handler.
func (inert) Invoke(context.Context, []byte) ([]byte, error) { return []byte(`{}`), nil }

// start makes a function's code.
func (s *Functions) start(ctx context.Context, f *function, who kernel.Principal) (Handler, error) {
	if f.now().code.replaced {
		return inert{}, nil
	}
	return s.create(ctx, s.environment(f, who))
}

// SetCode says what Lambda shows as the digests of the packages that were deployed (CodeSha256), by the functions' logical
// IDs, in this stack and in those that are deployed later.
func (s *Functions) SetCode(digests map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.digests, digests)
	for _, f := range s.functions {
		if sum := digests[f.id]; sum != "" && !f.now().code.replaced {
			f.deployed.sha256 = sum
			s.change(f, func(is *settings) { is.code = f.deployed })
		}
	}
}

// codeOf is the code of a function of a template.
func (s *Functions) codeOf(id string, spec functionSpec) code {
	of := codeAt(spec.Code.S3Bucket, spec.Code.S3Key)
	if sum := s.digests[id]; sum != "" {
		of.sha256 = sum
	}
	return of
}

// updateCode answers UpdateFunctionCode. The package of the template's place is the program that was deployed, every
// other one does nothing.
func (s *Functions) updateCode(cl *kernel.Call, f *function) (any, *kernel.Error) {
	zip, bucket, key := cl.Text("ZipFile"), cl.Text("S3Bucket"), cl.Text("S3Key")
	content, err := base64.StdEncoding.DecodeString(zip)
	switch {
	case zip != "" && (bucket != "" || key != ""):
		return nil, invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
	case err != nil || zip == "" && (bucket == "" || key == ""):
		return nil, invalid("Please provide a source for function code.")
	}
	if a := cl.Texts("Architectures"); len(a) > 0 && !slices.Equal(a, f.now().spec.Architectures) {
		return nil, invalid("the local run knows the architecture of the deployment alone")
	}
	next := codeAt(bucket, key)
	if zip != "" {
		next.sha256 = digest(content)
	}
	next.replaced = true
	if place := f.now().spec.Code; zip == "" && place.S3Bucket == bucket && place.S3Key == key {
		next = f.deployed
	}
	out := s.configuration(f)
	s.decrypt(cl, f, out)
	out["CodeSha256"] = next.sha256
	if cl.Params["DryRun"] == true {
		return out, nil
	}
	s.change(f, func(is *settings) { is.code, is.changed = next, s.kernel.Now() })
	f.idle = nil
	out["LastUpdateStatus"] = "InProgress"
	return out, nil
}
