{{- define "talking.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "talking.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* What every container of ours may not do. */}}
{{- define "talking.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "talking.account" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Settings are a part of the templates, so that nodes are replaced when one changes. */}}
{{- define "talking.settings" -}}
- { name: TALKING_SERVER__PUBLIC_URL, value: {{ .Values.publicUrl | quote }} }
- { name: TALKING_SERVER__MAX_CONNECTIONS_PER_ADDRESS, value: "0" }
{{- range $name, $value := .Values.settings }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
