package wire

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// JSON is AWS JSON 1.0 and 1.1: the operation stands behind the last dot of X-Amz-Target.
var JSON = Protocol{Decode: decodeJSON, Encode: encodeJSON}

func decodeJSON(r *http.Request, cl *kernel.Call) *kernel.Error {
	target := r.Header.Get("X-Amz-Target")
	cl.Op = target[strings.LastIndex(target, ".")+1:]
	dec := json.NewDecoder(bytes.NewReader(cl.Body))
	dec.UseNumber()
	if err := dec.Decode(&cl.Params); err != nil {
		return kernel.Refuse("SerializationException", "the request is no JSON object")
	}
	return nil
}

func encodeJSON(r *http.Request, _ *kernel.Call, result any, failed *kernel.Error) kernel.Answer {
	a := kernel.Answer{Status: http.StatusOK, Header: map[string]string{"Content-Type": r.Header.Get("Content-Type")}}
	if failed != nil {
		body := map[string]any{"__type": failed.Code, "message": failed.Message}
		maps.Copy(body, failed.With)
		a.Status, result = failed.Status, body
		a.Header["X-Amzn-Errortype"] = failed.Code
	}
	raw, err := json.Marshal(result)
	if err != nil {
		a.Status, raw = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure"}`)
	}
	a.Body = raw
	return a
}

// REST is REST JSON, where each operation has a path of its own that decode reads. A result is a whole answer.
func REST(decode func(*http.Request, *kernel.Call) *kernel.Error) Protocol {
	return Protocol{Decode: decode, Encode: encodeREST}
}

func encodeREST(_ *http.Request, _ *kernel.Call, result any, failed *kernel.Error) kernel.Answer {
	if failed != nil {
		body, _ := json.Marshal(map[string]string{"Message": failed.Message, "Type": "User"}) // texts always encode
		header := map[string]string{"Content-Type": "application/json", "X-Amzn-Errortype": failed.Code}
		return kernel.Answer{Status: failed.Status, Body: body, Header: header}
	}
	if a, ok := result.(kernel.Answer); ok {
		return a
	}
	return kernel.Answer{Status: http.StatusOK}
}
