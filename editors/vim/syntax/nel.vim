" Vim syntax file for NEL. Made by editors/generate.sh from words.txt and templates/nel.vim: change those.
if exists('b:current_syntax')
  finish
endif

" Reserved words are matches, not keywords: before a colon they are labels, behind a dot members.
syn match nelStatement "\.\@1<!\<\%(let\|fn\|show\|print\)\>\%(\s*:\)\@!"
syn match nelConditional "\.\@1<!\<\%(if\|else\|for\|in\)\>\%(\s*:\)\@!"
syn match nelWordOperator "\.\@1<!\<\%(and\|or\|not\|mod\|as\)\>\%(\s*:\)\@!"
syn match nelConstant "\.\@1<!\<\%(true\|false\|none\)\>\%(\s*:\)\@!"
syn match nelCommand "\.\@1<!\<\%(train\|on\|grow\|by\|evolve\|sweep\)\>\%(\s*:\)\@!"

" Contextual words.
syn match nelDeclare "\%(^\|[{;]\)\@1<=\s*\zs\<\%(molecule\|element\|loss\|rule\|growth\|use\|param\|assert\)\>\ze\s\+[^=[:space:]]"
syn match nelClause "\.\@1<!\<\%(learned\|every\|when\|accept\|stop\|at\|after\|before\|where\|draw\|undo\)\>\ze\s\+\%([[:alnum:]_.(?"]\|-\)"
syn match nelClause "\<else\s\+\zsundo\>"
syn match nelName "\%(\<\%(let\|fn\|molecule\|element\|loss\|rule\|growth\|param\)\s\+\)\@<=\h\w*"

syn match nelElement "\.\@1<!\<\%(linear\|relu\|leaky_relu\|prelu\|elu\|selu\|gelu\|swish\|mish\|softplus\|sigmoid\|tanh\|softsign\|sine\|gaussian\|step\)\>\%(\s*:\)\@!"
syn match nelAtom "\.\@1<!\<\%(dropout\|batchnorm\|layernorm\|gather\|scatter\|input\|out\)\>\%(\s*[:=]\)\@!"
syn match nelVariable "?\h\w*"
syn match nelLabel "\%(?\s*\)\@<!\<\h\w*\ze\s*:" contains=NONE

syn match nelNumber "\<\d\%(_\?\d\)*\%(\.\d\%(_\?\d\)*\)\?\%([eE][+-]\?\d\+\)\?%\?"
syn match nelOperator "->\||>\|=>\|\.\.\.\?\|[=!<>]=\|[-+*/^|~=<>]"

syn match nelEscape "\\\%([nrt\"\\{}]\|u{\x\{1,6}}\)" contained
syn region nelHole matchgroup=nelDelimiter start="{" end="}" contained contains=TOP
syn region nelString start=+"+ skip=+\\.+ end=+"+ oneline contains=nelEscape,nelHole
syn match nelDnaOperator "[-~|+*:()]" contained
syn region nelDna start="`" end="`" oneline contains=nelDnaOperator

syn keyword nelTodo TODO FIXME XXX contained
syn match nelComment "#.*$" contains=nelTodo,@Spell
syn match nelDocComment "##.*$" contains=nelTodo,@Spell

hi def link nelStatement Statement
hi def link nelConditional Conditional
hi def link nelWordOperator Operator
hi def link nelConstant Boolean
hi def link nelCommand Keyword
hi def link nelDeclare Structure
hi def link nelClause Keyword
hi def link nelName Identifier
hi def link nelElement Type
hi def link nelAtom Type
hi def link nelVariable PreProc
hi def link nelLabel Label
hi def link nelNumber Number
hi def link nelOperator Operator
hi def link nelEscape SpecialChar
hi def link nelDelimiter Delimiter
hi def link nelString String
hi def link nelDna Special
hi def link nelDnaOperator Operator
hi def link nelTodo Todo
hi def link nelComment Comment
hi def link nelDocComment SpecialComment

let b:current_syntax = 'nel'
