"""The commonest words of a language: they carry no news, and dropping them makes a shingle reach further.

About 60 each, written down from the languages themselves. They are part of every stored sketch: a change here makes
the sketches of the window incomparable for one epoch, so there must be a reason for it.
"""

from __future__ import annotations

from collections.abc import Mapping

_LISTS: Mapping[str, str] = {
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf aus bei mit nach von "
    "vom zu zum zur für über unter um durch als wie dass wenn ist sind war waren wird werden wurde hat haben "
    "hatte sei sich er sie es ihr sein seine nicht auch noch nur so man kann",
    "en": "a the an and or but of to in on at by for with from as into about after over that this these those it its "
    "he she they his her their we you i is are was were be been being has have had will would can could not no said "
    "which who what when than there if so also up out",
    "fr": "le la les l un une des du de d et ou mais à au aux en dans sur sous par pour avec sans entre que qui quoi "
    "dont où ce cette ces son sa ses leur leurs il elle ils elles on se s n ne pas plus est sont était été être a "
    "ont avait aussi comme si y c j",
    "it": "il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle al alla ai "
    "alle dal dalla nel nella nei sul sulla e ed o ma che chi cui non si è sono era ha hanno essere stato anche come "
    "più se suo sua ci questo questa",
    "es": "el la los las un una unos unas de del a al en con por para sin sobre entre desde hasta y e o u pero que "
    "quien cual como cuando donde no se su sus lo le les es son era fue ser ha han había está están más también "
    "ya si este esta estos muy",
    "pt": "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem sobre entre até e ou "
    "mas que quem qual como quando onde não se seu sua seus suas é são era foi ser tem têm está ao aos à também "
    "já mais isso este esta",
    "nl": "de het een en of maar van in op te aan bij met naar om door over voor uit tot als dan dat die dit deze wat "
    "wie er is zijn was waren wordt worden werd heeft hebben had hij zij ze het hun haar niet ook nog wel geen "
    "zich meer kan zal zou na al",
}

STOPWORDS: Mapping[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""By ISO 639-1 code; a language that is not here keeps all its words."""

_DATES = (
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar jänner februar märz april mai "
    "juni juli august september oktober november dezember monday tuesday wednesday thursday friday saturday sunday "
    "january february march june july october december lundi mardi mercredi jeudi vendredi samedi dimanche "
    "janvier février mars avril juin juillet août septembre octobre novembre décembre lunedì martedì mercoledì "
    "giovedì venerdì sabato domenica gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "dicembre lunes martes miércoles jueves viernes sábado domingo enero febrero abril mayo junio julio septiembre "
    "octubre noviembre diciembre segunda terça quarta quinta sexta janeiro fevereiro março maio junho julho "
    "setembro outubro dezembro jan feb sept oct nov dec janv févr okt dez dez maandag "
    "dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart mei augustus"
)
DATE_WORDS = frozenset(_DATES.split())
"""Days and months of the same languages, case-folded: in a text they tell one day's report from the next day's."""
