package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// inJSON is AWS JSON 1.0 and 1.1: the operation stands behind the last dot of X-Amz-Target.
var inJSON = protocol{readJSON, writeJSON, refuseJSON}

func readJSON(_ *Model, r *http.Request, cl *kernel.Call) (map[string]any, *kernel.Error) {
	target := r.Header.Get("X-Amz-Target")
	cl.Op = target[strings.LastIndex(target, ".")+1:]
	return object(cl.Body)
}

// ReadJSON reads the request of an operation that is made without a request of HTTP, as Scheduler makes it.
func ReadJSON(service, op string, body []byte) (map[string]any, *kernel.Error) {
	given, failed := object(body)
	if failed != nil {
		return nil, failed
	}
	return Models()[service].Read(op, given, true)
}

// object reads a JSON object and nothing behind it; no text at all is an empty one.
func object(body []byte) (map[string]any, *kernel.Error) {
	var out map[string]any
	if len(body) == 0 {
		return out, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	err := dec.Decode(&out)
	if _, more := dec.Token(); err != nil || out == nil || !errors.Is(more, io.EOF) {
		return nil, kernel.Refuse("SerializationException", "the request is no JSON object")
	}
	return out, nil
}

func writeJSON(_ *Model, r *http.Request, _ *kernel.Call, result map[string]any) kernel.Answer {
	return jsonAnswer(http.StatusOK, r.Header.Get("Content-Type"), result)
}

func refuseJSON(_ *Model, r *http.Request, _ *kernel.Call, failed *kernel.Error) kernel.Answer {
	body := map[string]any{"__type": failed.Code, "message": failed.Message}
	maps.Copy(body, failed.With)
	a := jsonAnswer(failed.Status, r.Header.Get("Content-Type"), body)
	a.Header["X-Amzn-Errortype"] = failed.Code
	return a
}

func jsonAnswer(status int, contentType string, body any) kernel.Answer {
	raw, err := json.Marshal(inSeconds(body))
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure"}`)
	}
	return kernel.Answer{Status: status, Header: map[string]string{"Content-Type": contentType}, Body: raw}
}

// inSeconds writes the times in a value as AWS JSON does: seconds since 1970.
func inSeconds(v any) any {
	switch v := v.(type) {
	case time.Time:
		return json.Number(strconv.FormatFloat(float64(v.UnixMilli())/1000, 'f', -1, 64))
	case map[string]any:
		for name := range v {
			v[name] = inSeconds(v[name])
		}
	case []any:
		for i := range v {
			v[i] = inSeconds(v[i])
		}
	}
	return v
}
